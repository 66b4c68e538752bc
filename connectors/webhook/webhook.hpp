// Signed JSON to any HTTP receiver. Read first when writing a connector: settings.hpp, then this, then webhook.cpp.
#pragma once

#include "wardex/connector.hpp"
#include "webhook/settings.hpp"

namespace wardex::webhook {

class Webhook final : public Sink {
 public:
  explicit Webhook(Settings settings) : settings_(std::move(settings)) {}

  [[nodiscard]] Request render(Batch batch, const RenderContext& context) const override;
  [[nodiscard]] Verdict interpret(Batch batch, const Request& request, const Response& response,
                                  const RenderContext& context) const override;
  [[nodiscard]] BatchLimits batch_limits() const override;
  [[nodiscard]] Closing closing() const override { return Closing::anything; }

 private:
  struct Message {
    std::string id;
    std::string content_type;
    std::string body;
    std::vector<Header> about;
  };
  [[nodiscard]] Request compose(Message message, const RenderContext& context) const;
  [[nodiscard]] Request render_batch(Batch batch, const RenderContext& context) const;
  [[nodiscard]] bool is_success(int status) const;

  Settings settings_;
};

const Manifest& manifest();

}  // namespace wardex::webhook
