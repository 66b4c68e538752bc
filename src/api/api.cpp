#include "api/api.hpp"

namespace wardex::api {

Api::Api(store::Store& store, deliver::Engine& engine, deliver::Controls& controls, deliver::Replays& replays,
         const deliver::MailboxWatch& mailbox, intake::EventsEndpoint& events, const runtime::Clock& clock, Hooks hooks,
         std::function<transport::ServerStats()> server_stats)
    : store_(store),
      engine_(engine),
      controls_(controls),
      replays_(replays),
      mailbox_(mailbox),
      events_(events),
      clock_(clock),
      hooks_(std::move(hooks)),
      server_stats_(std::move(server_stats)) {}

Version version() { return {WARDEX_VERSION, WARDEX_COMMIT}; }

}  // namespace wardex::api
