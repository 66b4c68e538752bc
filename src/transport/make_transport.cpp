// The dispatch over kinds of request.
#include "transport/make_transport.hpp"

#include <utility>

#include "transport/file_append.hpp"
#include "transport/http_client.hpp"

namespace wardex::transport {

namespace {

Outcome absent(std::string_view kind) {
  return Failure{Phase::refused, "this build has no " + std::string(kind) + " transport", true};
}

class Dispatcher final : public NetworkTransport {
 public:
  Dispatcher(const asio::any_io_executor& executor, EgressPolicy egress, std::string user_agent, PoolLimits limits,
             Lookup lookup)
      : http_(std::make_shared<HttpClient>(executor, std::move(egress), std::move(user_agent), limits,
                                           std::move(lookup))),
        files_(std::make_shared<FileAppender>(executor)) {}
  ~Dispatcher() override { Dispatcher::stop(); }

  asio::awaitable<Outcome> send(Request request, std::shared_ptr<const SendOptions> options) override {
    if (auto* http = std::get_if<HttpRequest>(&request)) return http_->send(std::move(*http), std::move(options));
    if (auto* file = std::get_if<FileAppend>(&request)) return files_->send(std::move(*file), std::move(options));
    if (std::holds_alternative<MailMessage>(request)) return refuse("mail");
    if (std::holds_alternative<StreamFrames>(request)) return refuse("stream");
    if (std::holds_alternative<Datagrams>(request)) return refuse("datagram");
    return refuse("Kafka");
  }
  void stop() override {
    http_->stop();
    files_->stop();
  }
  void set_egress(EgressPolicy policy) override { http_->set_egress(std::move(policy)); }
  void set_limits(PoolLimits limits) override { http_->set_limits(limits); }
  void reopen_files() override { files_->reopen(); }

 private:
  static asio::awaitable<Outcome> refuse(std::string_view kind) { co_return absent(kind); }

  std::shared_ptr<HttpClient> http_;
  std::shared_ptr<FileAppender> files_;
};

}  // namespace

std::unique_ptr<NetworkTransport> make_transport(asio::any_io_executor executor, EgressPolicy egress,
                                                 std::string user_agent, PoolLimits limits, Lookup lookup) {
  return std::make_unique<Dispatcher>(executor, std::move(egress), std::move(user_agent), limits, std::move(lookup));
}

}  // namespace wardex::transport
