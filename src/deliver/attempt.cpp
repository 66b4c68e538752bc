#include "deliver/attempt.hpp"

#include <exception>
#include <functional>
#include <utility>

#include "deliver/essentials.hpp"
#include "deliver/excerpt.hpp"
#include "runtime/log.hpp"

namespace wardex::deliver {
namespace {

using Interpret = std::function<Verdict(const Request&, const Response&, const RenderContext&)>;

/// `call`, with anything it throws as text: a connector's bug must not take the lane with it.
template <class T, class Call>
std::variant<T, std::string> guarded(const Call& call) {
  try {
    return call();
  } catch (const std::exception& error) {
    return std::string(error.what());
  } catch (...) {
    return std::string("unknown exception");
  }
}

Verdict bug(const std::string& connector, const std::string& what) {
  log::error("connector.bug", what, {{"connector", connector}});
  return Retry{"connector bug: " + what, std::nullopt};
}

/// One place turns I/O failures into verdicts.
Verdict judge(const transport::Failure& failure, AttemptReport& report) {
  report.misconfigured = failure.permanent;
  report.unanswered = !failure.permanent && failure.ambiguous();
  report.reached = report.reached || report.unanswered;
  // An earlier step of the same delivery went through, so the receiver has acted already.
  report.may_have_acted = report.unanswered || report.requests > 1;
  if (failure.permanent) return Unauthorised{failure.reason};
  return Retry{failure.reason, std::nullopt};
}

/// The verdict for the whole batch or per item, as one verdict per item.
void spread(Verdict verdict, const Request* request, std::size_t batch, AttemptReport& report) {
  if (auto* partial = std::get_if<Partial>(&verdict)) {
    report.items = std::move(partial->items);
    report.partial = true;
  } else {
    auto shared = std::visit(
        [](auto&& one) -> ItemVerdict {
          using T = std::decay_t<decltype(one)>;
          if constexpr (std::is_same_v<T, Partial> || std::is_same_v<T, Next>)
            return Retry{};  // both are dealt with before
          else
            return std::forward<decltype(one)>(one);
        },
        std::move(verdict));
    report.items.assign(batch, std::move(shared));
  }
  for (auto& item : report.items)
    std::visit(
        [request](auto& one) {
          if constexpr (requires { one.reason; })
            one.reason = excerpt(one.reason, request);
          else
            one.note = excerpt(one.note, request);
        },
        item);
}

void note_answer(const Request& request, const Response& response, AttemptReport& report) {
  report.reached = true;
  const auto* http = std::get_if<HttpResponse>(&response);
  if (http == nullptr) return;
  report.status_code = http->status;
  report.response = excerpt(http->body, &request);
}

asio::awaitable<AttemptReport> exchange(transport::Transport& transport, const runtime::Clock& clock,
                                        std::shared_ptr<const AttemptInput> input, Request request,
                                        Interpret interpret) {
  const std::size_t items = std::max<std::size_t>(input->batch.size(), 1);
  const MonoTime begun = clock.mono();
  AttemptReport report;
  std::string state;
  Verdict verdict;
  while (true) {
    ++report.requests;
    std::optional<transport::Outcome> outcome;
    std::string thrown;
    try {
      auto sending = transport.send(Request(request), input->options);
      outcome = co_await std::move(sending);
    } catch (const std::exception& error) {
      thrown = error.what();
    }
    if (!outcome) outcome = transport::Failure{transport::Phase::sent, "transport bug: " + thrown, false};
    report.request_digest = digest(request);
    report.status_code.reset();
    report.response.clear();

    if (const auto* failure = std::get_if<transport::Failure>(&*outcome)) {
      verdict = judge(*failure, report);
      break;
    }
    const auto& response = std::get<Response>(*outcome);
    note_answer(request, response, report);
    const RenderContext context{clock.wall(), input->connector, state};
    if (auto quota = guarded<std::optional<Quota>>([&] { return input->sink->quota(response, context.now); });
        quota.index() == 0)
      report.quota = std::get<0>(quota);
    auto read = guarded<Verdict>([&] { return interpret(request, response, context); });
    if (const auto* what = std::get_if<std::string>(&read)) {
      verdict = bug(input->connector, "interpret() threw: " + *what);
      report.may_have_acted = true;
      break;
    }
    verdict = std::get<Verdict>(std::move(read));
    report.may_have_acted = report.requests > 1;
    if (auto* next = std::get_if<Next>(&verdict)) {
      note_step(report);
      if (report.requests < kMaxSteps) {
        state = std::move(next->state);
        request = Request(std::move(next->request));
        continue;
      }
      verdict = bug(input->connector, "more than " + std::to_string(kMaxSteps) + " steps in one delivery");
      report.may_have_acted = true;
    } else if (const auto* partial = std::get_if<Partial>(&verdict); partial && partial->items.size() != items) {
      verdict = bug(input->connector,
                    std::to_string(partial->items.size()) + " verdicts for a batch of " + std::to_string(items));
      report.may_have_acted = true;
    }
    break;
  }
  if (report.requests > 1 && !report.steps.empty()) note_step(report);
  report.latency = std::chrono::duration_cast<Millis>(clock.mono() - begun);
  spread(std::move(verdict), &request, items, report);
  co_return report;
}

/// The request, or why there is none.
std::variant<Request, std::string> render(const AttemptInput& input, WallTime now) {
  const RenderContext context{now, input.connector, {}};
  return guarded<Request>([&] { return input.sink->render(input.batch, context); });
}

}  // namespace

asio::awaitable<AttemptReport> attempt(transport::Transport& transport, const runtime::Clock& clock,
                                       std::shared_ptr<const AttemptInput> input) {
  auto rendered = render(*input, clock.wall());
  std::string reduced;
  if (const auto* what = std::get_if<std::string>(&rendered); what != nullptr && input->batch.size() == 1) {
    // Better its bare essentials now than the whole of it never.
    reduced = excerpt("the full payload cannot be rendered: " + *what, nullptr);
    auto less = std::make_shared<AttemptInput>(*input);
    less->batch.front().event = essentials(*less->batch.front().event);
    if (auto again = render(*less, clock.wall()); std::holds_alternative<Request>(again)) {
      rendered = std::move(again);
      input = std::move(less);
    }
  }
  if (const auto* what = std::get_if<std::string>(&rendered)) {
    AttemptReport report;
    report.unrenderable = true;
    spread(Rejected{"cannot be rendered: " + *what}, nullptr, input->batch.size(), report);
    co_return report;
  }
  Interpret interpret = [&input](const Request& request, const Response& response, const RenderContext& seen) {
    return input->sink->interpret(input->batch, request, response, seen);
  };
  auto running = exchange(transport, clock, input, std::get<Request>(std::move(rendered)), std::move(interpret));
  auto report = co_await std::move(running);
  report.reduced = std::move(reduced);
  co_return report;
}

asio::awaitable<AttemptReport> attempt_probe(transport::Transport& transport, const runtime::Clock& clock,
                                             std::shared_ptr<const AttemptInput> input, Request probe) {
  Interpret interpret = [&input](const Request& request, const Response& response, const RenderContext& seen) {
    return input->sink->interpret_probe(request, response, seen);
  };
  auto running = exchange(transport, clock, input, std::move(probe), std::move(interpret));
  co_return co_await std::move(running);
}

}  // namespace wardex::deliver
