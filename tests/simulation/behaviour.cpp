// How receivers answer, well and badly.
#include <algorithm>
#include <array>
#include <ctime>

#include "simulation/receivers.hpp"

namespace wardex::simulation {
namespace {

using transport::Failure;
using transport::Phase;

transport::Outcome http(int status, std::string body = {},
                        std::vector<std::pair<std::string, std::string>> headers = {}) {
  return Response(HttpResponse{status, std::move(headers), std::move(body), false});
}

transport::Outcome broken(Phase phase, const std::string& how, bool permanent = false) {
  return Failure{phase, how, permanent};
}

/// RFC 9110's IMF-fixdate.
std::string http_date(WallTime at) {
  const auto seconds =
      std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(at));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

bool is_file(const Receiver& receiver) {
  return receiver.plan->type == Type::file || receiver.plan->type == Type::file_original;
}

}  // namespace

std::string Receivers::retry_after(const Receiver& receiver) {
  if (!receiver.asks.empty()) return receiver.asks;
  switch (random_.pick(14)) {
    case 0:
      return "";
    case 1:
      return "0";
    case 2:
      return "-3";
    case 3:
      return "soon";
    case 4:
      return "99999999999999999999";
    case 5:
      return "1.5";
    case 6:
      return http_date(clock_.wall() + std::chrono::seconds{45});
    case 7:
      return http_date(clock_.wall() - std::chrono::seconds{45});
    case 8:
      return "120";
    default:
      return std::to_string(1 + random_.pick(30));
  }
}

/// Mostly short; now and then long enough for the world to change meanwhile, and within the deadline.
Millis Receivers::latency(const Receiver& receiver) {
  const auto& plan = *receiver.plan;
  if (receiver.slow) return *receiver.slow;
  if (plan.healthy) return Millis{1 + random_.pick(40)};
  const auto most = random_.chance(0.2) ? plan.timeout.count() - 1 : 300;
  return Millis{1 + static_cast<Millis::rep>(random_.pick(static_cast<std::size_t>(most)))};
}

std::optional<Fault> Receivers::choose(const Incoming&, Receiver& receiver) {
  if (healed_ || receiver.plan->healthy) return std::nullopt;
  if (!receiver.next.empty()) {
    const auto fault = receiver.next.front();
    receiver.next.pop_front();
    return fault;
  }
  if (receiver.dead) return Fault::dead;
  if (receiver.revoked && receiver.plan->token == *receiver.revoked) return Fault::revoked;
  for (std::size_t i = 0; i < kRequestFaults; ++i) {
    const auto fault = static_cast<Fault>(i);
    if (!plan_.on(fault) || !random_.chance(plan_.rate(fault))) continue;
    const bool of_http = fault >= Fault::answer_500 && fault <= Fault::quota;
    if (is_file(receiver) ? of_http : fault == Fault::half_written) continue;
    return fault;
  }
  return std::nullopt;
}

Reply Receivers::succeed(const Incoming& incoming, Receiver& receiver) {
  act(incoming, receiver, incoming.events.size(), false);
  Reply reply;
  reply.after = latency(receiver);
  switch (receiver.plan->type) {
    case Type::webhook:
    case Type::webhook_batch:
      reply.outcome = http(random_.one_of({200, 201, 202, 204}));
      break;
    case Type::file:
    case Type::file_original:
      reply.outcome = Response(Written{incoming.body.size()});
      break;
    case Type::slack_hook:
      reply.outcome = http(200, "ok");
      break;
    case Type::slack_bot:
      reply.outcome = http(200, R"({"ok":true,"channel":"C0123456789","ts":")" +
                                    std::to_string(1'776'000'000 + ++receiver.posts) + R"(.000100"})");
      break;
  }
  return reply;
}

Reply Receivers::answer_garbage(const Incoming& incoming, Receiver& receiver) {
  Reply reply;
  reply.after = latency(receiver);
  if (receiver.plan->type == Type::webhook || receiver.plan->type == Type::webhook_batch) {
    // Any 2xx is a yes, whatever it says.
    act(incoming, receiver, incoming.events.size(), false);
    reply.outcome = http(200, "<html>\xff\xfe" + std::string(3000, '\x01'));
    return reply;
  }
  // Slack refuses with a 200.
  const bool bot = receiver.plan->type == Type::slack_bot;
  const auto* word = bot ? random_.one_of({"internal_error", "invalid_blocks", "message_not_found", "channel_not_found",
                                           "cant_update_message", "no_such_word"})
                         : random_.one_of({"rollup_error", "invalid_blocks", "no_service", "no_such_word"});
  if (random_.chance(0.3)) {
    reply.failed = true;
    reply.outcome = http(200, "<html>log in first</html>");
  } else {
    reply.outcome = http(bot ? 200 : 400, bot ? R"({"ok":false,"error":")" + std::string(word) + "\"}" : word);
  }
  return reply;
}

Reply Receivers::misbehave(Fault fault, const Incoming& incoming, Receiver& receiver) {
  Reply reply;
  reply.after = latency(receiver);
  const auto fails = [&](transport::Outcome outcome) {
    reply.failed = true;
    reply.outcome = std::move(outcome);
  };
  switch (fault) {
    case Fault::hang:
      break;
    case Fault::accept_then_hang:
      act(incoming, receiver, incoming.events.size(), true);
      break;
    case Fault::accept_then_reset:
      act(incoming, receiver, incoming.events.size(), true);
      fails(broken(random_.one_of({Phase::sent, Phase::response}), "connection reset by peer"));
      break;
    case Fault::request_lost:
      ++ambiguous_;
      fails(broken(Phase::sent, "connection reset by peer"));
      break;
    case Fault::dead:
    case Fault::refused:
      fails(broken(Phase::connect, "connection refused"));
      break;
    case Fault::tls:
      fails(broken(Phase::tls, "certificate has expired"));
      break;
    case Fault::unknown_host:
      fails(broken(Phase::resolve, "no such host"));
      break;
    case Fault::answer_500:
      fails(http(random_.one_of({500, 502, 504}), "oops"));
      break;
    case Fault::answer_503: {
      reply.hint = retry_after(receiver);
      fails(http(503, "busy", {{"Retry-After", reply.hint}}));
      break;
    }
    case Fault::answer_429:
      reply.silence = retry_after(receiver);
      if (reply.silence->empty())
        reply.outcome = http(429, "slow down");
      else
        reply.outcome = http(429, "slow down", {{"Retry-After", *reply.silence}});
      break;
    case Fault::answer_400:
      reply.outcome = http(400, "bad field");
      break;
    case Fault::revoked:
    case Fault::answer_401:
      reply.outcome = http(random_.one_of({401, 403}), "who are you: " + incoming.secret);
      break;
    case Fault::answer_404:
      reply.outcome = http(404, "nothing here");
      break;
    case Fault::redirect:
      reply.outcome = http(302, "", {{"Location", "https://elsewhere.example/"}});
      break;
    case Fault::garbage:
      return answer_garbage(incoming, receiver);
    case Fault::quota: {
      auto good = succeed(incoming, receiver);
      auto& response = std::get<HttpResponse>(std::get<Response>(*good.outcome));
      response.headers.emplace_back("X-RateLimit-Remaining", std::to_string(random_.pick(3)));
      response.headers.emplace_back("X-RateLimit-Reset", std::to_string(1 + random_.pick(60)));
      return good;
    }
    case Fault::forbidden:
      reply.outcome = broken(Phase::refused, "169.254.169.254 is never dialled", true);
      break;
    case Fault::half_written:
      act(incoming, receiver, incoming.events.size() / 2, true);
      reply.outcome = Response(Written{incoming.body.size() / 2});
      reply.failed = true;
      break;
    default:
      break;
  }
  if (fault == Fault::hang) ++ambiguous_;
  return reply;
}

}  // namespace wardex::simulation
