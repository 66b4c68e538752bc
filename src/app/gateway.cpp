#include "app/gateway.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ostream>
#include <random>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/api.hpp"
#include "app/descriptors.hpp"
#include "app/lanes.hpp"
#include "app/pipeline.hpp"
#include "app/sample.hpp"
#include "app/signing.hpp"
#include "app/watch.hpp"
#include "deliver/flight_recorder.hpp"
#include "runtime/async.hpp"
#include "runtime/clock.hpp"
#include "runtime/log.hpp"
#include "runtime/timer.hpp"
#include "store/sqlite/open.hpp"
#include "transport/http_server.hpp"
#include "transport/make_transport.hpp"

namespace wardex::app {

namespace asio = boost::asio;

namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
/// Some thousand mailbox entries can be discarded with it on a disk that is full.
constexpr std::uint64_t kSpareBytes = 4UL << 20U;

void configure_logging(const config::Logging& logging) {
  static_assert(static_cast<int>(config::LogLevel::error) == static_cast<int>(log::Level::error));
  static_assert(static_cast<int>(config::LogFormat::text) == static_cast<int>(log::Format::text));
  log::configure(static_cast<log::Level>(logging.level), static_cast<log::Format>(logging.format));
}

class Gateway {
 public:
  Gateway(Source source, Generation generation, std::unique_ptr<store::Store> store, asio::io_context& loop);
  /// Runs the loop until the drain is over.
  int run(const Problems& start_problems);

 private:
  [[nodiscard]] const config::Config& config() const { return pipeline_->config(); }
  Problems reload(std::string_view cause);
  void watch_files();
  [[nodiscard]] DescriptorShares share_descriptors() const;
  void record(std::string action, std::string outcome, std::string detail);

  void reload_on_hangup();
  void stop_on_terminate();
  asio::awaitable<void> announce_ready();
  asio::awaitable<void> shut_down(std::string cause);

  Source source_;
  asio::io_context& loop_;
  runtime::SystemClock clock_;
  runtime::AsioTimers timers_;
  WallTime started_at_;
  std::size_t descriptors_ = raise_descriptor_limit();
  bool stopping_ = false;
  int exit_code_ = 0;

  std::unique_ptr<store::Store> store_;
  std::unique_ptr<transport::NetworkTransport> transport_;
  std::unique_ptr<deliver::FlightRecorder> flights_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<transport::HttpServer> server_;
  std::unique_ptr<transport::HttpServer> local_server_;
  FileWatch watch_;
  asio::signal_set hangup_;
  asio::signal_set terminate_;
};

Gateway::Gateway(Source source, Generation generation, std::unique_ptr<store::Store> store, asio::io_context& loop)
    : source_(std::move(source)),
      loop_(loop),
      timers_(loop.get_executor()),
      started_at_(clock_.wall()),
      store_(std::move(store)),
      transport_(transport::make_transport(loop.get_executor(), generation.egress,
                                           "wardex-gateway/" + std::string(api::version().version))),
      flights_(deliver::open_flight_file(generation.config->gateway.data_dir)),
      pipeline_(std::make_unique<Pipeline>(
          Surroundings{loop.get_executor(), *store_, *transport_, clock_, timers_, *flights_, std::random_device{}()},
          std::move(generation))),
      watch_(loop.get_executor(), [this] { reload("file change"); }),
      hangup_(loop, SIGHUP),
      terminate_(loop, SIGTERM, SIGINT) {}

DescriptorShares Gateway::share_descriptors() const {
  const auto asked = server_limits(config().intake.limits);
  auto shares = app::share_descriptors(descriptors_, asked, config().connectors.size());
  if (shares.reduced)
    log::warning(
        "gateway.few_descriptors",
        "fewer client connections than intake.limits.connections: the process may not open enough files "
        "(systemd: LimitNOFILE=)",
        {{"open_files", descriptors_}, {"asked", asked.connections}, {"connections", shares.server.connections}});
  return shares;
}

int Gateway::run(const Problems& start_problems) {
  const auto executor = loop_.get_executor();
  api_ = std::make_unique<api::Api>(
      *store_, pipeline_->engine(), pipeline_->controls(), pipeline_->replays(), pipeline_->mailbox(),
      pipeline_->intake(), clock_,
      api::Hooks{.config = [this] { return pipeline_->generation().config; },
                 .listen =
                     [this] {
                       config::Endpoint bound = config().gateway.listen;
                       bound.port = server_->port();
                       return bound.str();
                     },
                 .not_ready = [this] { return pipeline_->not_ready(); },
                 .reload = [this] { return reload("API"); },
                 .sample = [this](const std::string& id) { return sample_event(config(), id, clock_.wall()); },
                 .restore = [this](const store::StoredEvent& stored) { return pipeline_->restore(stored); },
                 .started_at = started_at_},
      [this] { return server_->stats(); });
  const transport::HeaderCheck check = [this](const transport::ServerRequest& header) { return api_->check(header); };
  const transport::Handler handle = [this](transport::ServerRequest request) {
    return api_->handle(std::move(request));
  };

  const auto& gateway = config().gateway;
  const auto shares = share_descriptors();
  transport_->set_limits(shares.pool);
  transport::ServerOptions options;
  options.limits = shares.server;
  auto local = options;
  options.host = gateway.listen.host.empty() ? "*" : gateway.listen.host;  // ":8640" means all addresses
  options.port = gateway.listen.port;
  options.tls = server_tls(gateway);
  local.unix_path = (gateway.data_dir / kSocketName).string();
  server_ = transport::HttpServer::listen(executor, std::move(options), check, handle);
  local_server_ = transport::HttpServer::listen(executor, std::move(local), check, handle);

  config::Endpoint bound = gateway.listen;
  bound.port = server_->port();
  record("start", "ok", "version " + std::string(api::version().version) + ", configuration " + config().digest);
  for (const auto& problem : start_problems.all()) log::warning("config.warning", problem.str());
  log::info("gateway.listening", "listening", {{"address", bound.str()}, {"data_dir", gateway.data_dir.string()}});

  pipeline_->adopt(pipeline_->generation());  // the backlog starts to move now, before intake opens
  watch_files();
  reload_on_hangup();
  stop_on_terminate();
  runtime::spawn(executor, "announce-ready", announce_ready(), true);
  loop_.run();
  return exit_code_;
}

void Gateway::record(std::string action, std::string outcome, std::string detail) {
  store::AuditRecord row;
  row.at = clock_.wall();
  row.actor = "gateway";
  row.action = std::move(action);
  row.outcome = std::move(outcome);
  row.detail = std::move(detail);
  store_->append_audit(std::move(row), [](store::Result<store::Ok> result) {
    if (!result) log::error("audit.append_failed", result.error().message);
  });
}

/// Validates everything, then swaps; on any error the old generation stays in force and nothing has changed.
Problems Gateway::reload(std::string_view cause) {
  auto loaded = source_.load();
  auto next = compile(loaded);
  if (!next) {
    std::string first;
    for (const auto& problem : loaded.problems.all()) {
      if (problem.level != Problem::Level::error) continue;
      log::error("config.problem", problem.str());
      if (first.empty()) first = problem.str();
    }
    log::error("config.rejected", "the old configuration stays in force", {{"cause", cause}});
    record("config", "error", "refused (" + std::string(cause) + "): " + first.substr(0, 800));
    watch_files();
    return std::move(loaded.problems);
  }

  const auto changes = config::diff(config(), *next->config);
  const auto& before = config().gateway;
  const auto& after = next->config->gateway;
  if (before.listen.str() != after.listen.str() || before.data_dir != after.data_dir)
    log::warning("config.needs_restart", "gateway.listen and gateway.data_dir take effect at the next start");

  if (const auto problem = use_own_key(*next)) {
    log::error("audit.key_failed", *problem + "; the key before it goes on signing");
    next->signing_key = pipeline_->generation().signing_key;
  }
  transport_->set_egress(next->egress);
  transport_->reopen_files();
  pipeline_->adopt(std::move(*next));
  configure_logging(config().logging);
  const auto shares = share_descriptors();
  transport_->set_limits(shares.pool);
  server_->set_limits(shares.server);
  local_server_->set_limits(shares.server);
  if (const auto tls = server_tls(after)) {
    std::string error;
    if (!server_->reload_tls(*tls, error)) log::error("tls.reload_failed", error);
  }
  watch_files();
  std::string detail = std::string(cause) + ", configuration " + config().digest;
  for (const auto& change : changes) detail += "; " + change;
  log::info("config.reloaded", "the new configuration is in force", {{"cause", cause}, {"changes", changes.size()}});
  record("config", "ok", detail.substr(0, 4000));
  return std::move(loaded.problems);
}

void Gateway::watch_files() {
  std::vector<std::filesystem::path> paths = config().files;
  paths.insert(paths.end(), config().secret_files.begin(), config().secret_files.end());
  const auto file = source_.resolve();
  if (!file.empty()) {
    paths.push_back(file);
    std::error_code ignored;
    if (const auto folder = file.parent_path() / "conf.d"; std::filesystem::is_directory(folder, ignored))
      paths.push_back(folder);
  }
  for (const auto& failed : watch_.watch(paths))
    log::warning("config.unwatched", "changes in this folder need a SIGHUP", {{"folder", failed.string()}});
}

void Gateway::reload_on_hangup() {
  hangup_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    reload("SIGHUP");
    reload_on_hangup();
  });
}

void Gateway::stop_on_terminate() {
  terminate_.async_wait([this](boost::system::error_code error, int number) {
    if (!error)
      runtime::spawn(loop_.get_executor(), "shut-down", shut_down(number == SIGINT ? "SIGINT" : "SIGTERM"), true);
  });
}

/// /readyz answers at once; this line in the log is for those who start the gateway from a script.
asio::awaitable<void> Gateway::announce_ready() {
  asio::steady_timer timer(loop_);
  while (!stopping_ && !store_->ready() && !store_->fault()) {
    timer.expires_after(Millis{10});
    co_await timer.async_wait(kNoThrow);
  }
  if (stopping_) co_return;
  const auto why = pipeline_->closed();
  if (why.empty())
    log::info("gateway.ready", "taking events");
  else
    log::warning("gateway.not_ready", why);
}

/// Stop accepting, answer what is under way, let attempts in flight end, write the last audit row, close the store.
/// What is still pending then is durable and goes on at the next start.
asio::awaitable<void> Gateway::shut_down(std::string cause) {
  log::info("gateway.stopping", "draining", {{"cause", cause}});
  stopping_ = true;
  pipeline_->close_intake();
  watch_.stop();
  boost::system::error_code ignored;
  hangup_.cancel(ignored);
  const auto deadline = clock_.mono() + config().gateway.drain_timeout;

  // A request under way may still be waiting for its commit: the server drains before the engine does.
  auto drained = std::make_shared<asio::steady_timer>(loop_, deadline);
  server_->drain([drained] { drained->cancel(); });
  co_await drained->async_wait(kNoThrow);
  auto draining = pipeline_->engine().drain(deadline);
  co_await std::move(draining);

  record("stop", "ok", cause);
  store_->close();  // waits for the writer
  // Whoever watches the process should know: the disk needs a look before the next start.
  if (const auto fault = store_->fault(); fault && fault->fault != store::Fault::full) exit_code_ = 1;
  local_server_->stop();
  server_->stop();
  transport_->stop();
  log::info("gateway.stopped", "bye");
  loop_.stop();
}

}  // namespace

int run(const Source& source, std::ostream& err) {
  // Secrets live in this process's memory: no core dumps.
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::signal(SIGPIPE, SIG_IGN);

  auto loaded = source.load();
  auto generation = compile(loaded);
  if (!generation) {
    for (const auto& problem : loaded.problems.all()) err << problem.str() << '\n';
    err << "The gateway did not start: " << source.name()
        << " has errors. `wardex-gateway check` shows the same list.\n";
    return 1;
  }
  const auto config = generation->config;
  configure_logging(config->logging);

  asio::io_context loop(1);
  store::sqlite::Options options;
  options.directory = config->gateway.data_dir;
  options.now = [] { return runtime::SystemClock().wall(); };
  options.idempotency_window = config->intake.idempotency.window;
  options.idempotency_max = config->intake.idempotency.max_ids;
  options.post = [&loop](std::function<void()> completion) { asio::post(loop, std::move(completion)); };
  options.spare_bytes = kSpareBytes;
  options.on_fault = [](const std::optional<store::Error>& fault) {
    if (fault)
      log::error("store.fault", fault->message);
    else
      log::info("store.recovered", "there is space again: events are taken and delivered");
  };
  auto store = store::sqlite::open(std::move(options));
  if (!store) {
    log::error("store.open_failed", store.error().message);
    return 1;
  }
  if (const auto problem = use_own_key(*generation)) {
    log::error("audit.key_failed", *problem);
    return 1;
  }
  try {
    Gateway gateway(source, std::move(*generation), std::move(*store), loop);
    return gateway.run(loaded.problems);
  } catch (const std::exception& error) {
    log::error("gateway.failed", error.what());
    return 1;
  }
}

}  // namespace wardex::app
