// Random documents, made of the words that rules look for.
#pragma once

#include <random>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "normalise/shape.hpp"

namespace wardex::normalise {

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {
    for (const auto rules :
         {shared_rules(), shapes()[0]->rules, shapes()[1]->rules, shapes()[2]->rules, shapes()[4]->rules})
      for (const auto& rule : rules) keys_.emplace_back(rule.pointer.substr(1, rule.pointer.find('/', 1) - 1));
    for (const auto* key : {"type", "data", "narrative", "", "~/"}) keys_.emplace_back(key);
  }

  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  nlohmann::json value(int depth) {
    switch (below(depth > 3 ? 6 : 9)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 0;
      case 2:
        return static_cast<std::int64_t>(random_()) - (1LL << 31);
      case 3:
        return static_cast<double>(random_()) / 1000.0;
      case 4:
      case 5:
        return word();
      case 6: {
        nlohmann::json list = nlohmann::json::array();
        for (auto n = below(4); n > 0; --n) list.push_back(value(depth + 1));
        return list;
      }
      default:
        return object(depth + 1);
    }
  }
  nlohmann::json object(int depth) {
    nlohmann::json out = nlohmann::json::object();
    for (auto n = below(8); n > 0; --n) out[keys_[below(keys_.size())]] = value(depth);
    return out;
  }

 private:
  std::string word() {
    static const std::string words[] = {"alert",
                                        "Critical",
                                        "case.updated",
                                        "T1059.001",
                                        "192.0.2.1",
                                        "2026-04-21T14:22:09Z",
                                        "closed",
                                        "heartbeat",
                                        "https://x/y",
                                        "CASE-7",
                                        "",
                                        "\xF0\x9F\x98\x80 text",
                                        "a\nb\x01",
                                        "1042",
                                        "18446744073709551617",
                                        "sync",
                                        "evil.example",
                                        "\xE2\x80\xAE"};
    return words[below(std::size(words))];
  }

  std::mt19937 random_;
  std::vector<std::string> keys_;
};

}  // namespace wardex::normalise
