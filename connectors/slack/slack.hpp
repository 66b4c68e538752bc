// Slack, by incoming webhook or as a bot.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "slack/answer.hpp"
#include "slack/settings.hpp"
#include "slack/steps.hpp"
#include "wardex/connector.hpp"

namespace wardex::slack {

class Slack final : public Sink {
 public:
  explicit Slack(Settings settings) : settings_(std::move(settings)) {}

  [[nodiscard]] Request render(Batch batch, const RenderContext& context) const override;
  [[nodiscard]] Verdict interpret(Batch batch, const Request& request, const Response& response,
                                  const RenderContext& context) const override;
  /// auth.test in mode bot; an incoming webhook can only be tried by posting.
  [[nodiscard]] std::optional<Request> probe(const RenderContext& context) const override;
  [[nodiscard]] Verdict interpret_probe(const Request& request, const Response& response,
                                        const RenderContext& context) const override;
  /// An incoming webhook knows nothing of earlier messages.
  [[nodiscard]] bool keeps_links() const override { return settings_.mode == Mode::bot; }
  [[nodiscard]] Closing closing() const override {
    return settings_.mode == Mode::bot ? Closing::linked : Closing::nothing;
  }

 private:
  [[nodiscard]] HttpRequest call(std::string_view method) const;
  [[nodiscard]] Request request_for(const Progress& progress, const Delivery& delivery) const;
  [[nodiscard]] Verdict delivered(const Progress& progress, const Delivery& delivery, const Answer& answer) const;

  Settings settings_;
};

const Manifest& manifest();

}  // namespace wardex::slack
