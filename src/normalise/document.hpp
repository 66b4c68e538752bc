// JSON text -> nodes. Ordinary text takes a quick way; whatever is unusual is left to parse_json(), so that refusals,
// repairs and numbers are the same on both.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "normalise/node.hpp"
#include "normalise/normalise.hpp"
#include "normalise/quick_parse.hpp"

namespace wardex::normalise {

/// To be kept and read into again: its memory is reused.
class Document {
 public:
  Document();
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// As parse_json() reads it; nullopt when all is well. `text` must outlive the nodes, which the next call ends.
  std::optional<ParseError> read(std::string_view text, std::size_t max_depth);
  [[nodiscard]] const Node& root() const { return root_; }

 private:
  Arena arena_;
  std::unique_ptr<nlohmann::json> unusual_;  ///< what the nodes of the slow way point into
  Node root_;
};

}  // namespace wardex::normalise
