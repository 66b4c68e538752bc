#include "config/yaml.hpp"

#include <array>
#include <exception>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "wardex/text.hpp"

namespace wardex::config {

namespace {

/// Ends the parse from inside a yaml-cpp callback.
struct Refused : std::exception {
  Refused(Position where, std::string what) : at(std::move(where)), message(std::move(what)) {}
  Position at;
  std::string message;
};

/// Builds the tree from events rather than from YAML::Node: a Node drops duplicate keys, shares aliased nodes (so that
/// a walk can be exponential or endless) and loses the difference between `5` and "5".
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const std::string> file, const YamlLimits& limits, Problems& problems)
      : file_(std::move(file)), limits_(limits), problems_(problems) {}

  Value take() { return std::move(root_); }
  [[nodiscard]] Position position(const YAML::Mark& mark) const {
    return mark.is_null() ? Position{file_, 0, 0} : Position{file_, mark.line + 1, mark.column + 1};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1)
      throw Refused(position(mark), "a second YAML document; the configuration is one document, remove the '---' line");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(make(Value::Kind::null, mark), anchor); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    check_tag(mark, tag);
    Value value = make(Value::Kind::scalar, mark);
    value.scalar = text;
    value.quoted = tag == "!" || tag == kStringTag;  // yaml-cpp tags quoted and block scalars "!", plain ones "?"
    add(std::move(value), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused(position(mark), "an alias to the node that contains it");
    if (stack_.size() + found->second.depth > limits_.depth) refuse_depth(position(mark));
    count(found->second.nodes, position(mark));
    place(found->second.value, found->second.nodes, found->second.depth);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(make(Value::Kind::list, mark), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(make(Value::Kind::map, mark), anchor);
  }
  void OnMapEnd() override {
    merge(stack_.back().value);
    close();
  }

 private:
  static constexpr std::string_view kStringTag = "tag:yaml.org,2002:str";

  struct Open {
    Value value;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::size_t nodes = 1;
    std::size_t depth = 1;
    std::optional<Value> key;  // of a map, while its value is awaited
  };
  struct Anchored {
    Value value;
    std::size_t nodes = 1;
    std::size_t depth = 1;
  };

  [[nodiscard]] Value make(Value::Kind kind, const YAML::Mark& mark) const {
    Value value;
    value.kind = kind;
    value.at = position(mark);
    return value;
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    static constexpr std::array<std::string_view, 9> known{"",
                                                           "?",
                                                           "!",
                                                           kStringTag,
                                                           "tag:yaml.org,2002:int",
                                                           "tag:yaml.org,2002:float",
                                                           "tag:yaml.org,2002:bool",
                                                           "tag:yaml.org,2002:map",
                                                           "tag:yaml.org,2002:seq"};
    for (const auto name : known)
      if (name == tag) return;
    throw Refused(position(mark), "the tag '" + tag + "' is not supported; write the value without a tag");
  }

  [[noreturn]] void refuse_depth(const Position& at) const {
    throw Refused(at, "nested deeper than " + std::to_string(limits_.depth) + " levels");
  }
  void count(std::size_t nodes, const Position& at) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes)
      throw Refused(at,
                    "more than " + std::to_string(limits_.nodes) + " values, aliases counted as what they stand for");
  }

  void open(Value value, YAML::anchor_t anchor) {
    if (stack_.size() >= limits_.depth) refuse_depth(value.at);
    count(1, value.at);
    Open opened;
    opened.value = std::move(value);
    opened.anchor = anchor;
    stack_.push_back(std::move(opened));
  }
  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    if (done.anchor != YAML::NullAnchor) anchors_[done.anchor] = {done.value, done.nodes, done.depth};
    place(std::move(done.value), done.nodes, done.depth);
  }
  void add(Value value, YAML::anchor_t anchor) {
    count(1, value.at);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {value, 1, 1};
    place(std::move(value), 1, 1);
  }

  /// Puts a finished node where it belongs: the root, a list, or a map's key or value.
  void place(Value value, std::size_t nodes, std::size_t depth) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& parent = stack_.back();
    parent.nodes += nodes;
    parent.depth = std::max(parent.depth, depth + 1);
    if (parent.value.kind == Value::Kind::list) {
      parent.value.items.push_back(std::move(value));
    } else if (!parent.key) {
      if (value.kind != Value::Kind::scalar)
        throw Refused(value.at, "a key must be plain text, not " + std::string(value.kind_name()));
      parent.key = std::move(value);
    } else {
      Value key = std::move(*parent.key);
      parent.key.reset();
      const bool is_merge = key.scalar == "<<" && !key.quoted;
      const auto at = key.at;
      if (const auto* first = parent.value.find(key.scalar); first != nullptr && !is_merge) {
        problems_.error(at, key.scalar,
                        "the key '" + key.scalar + "' stands here a second time; the first is on line " +
                            std::to_string(first->at.line) + ". Remove one of them");
        return;
      }
      parent.value.entries.push_back({std::move(key.scalar), at, std::move(value)});
    }
  }

  /// `<<: *defaults`: the entries of the aliased map that the map itself does not set (YAML 1.1 merge key).
  static void merge(Value& map) {
    std::vector<Value::Entry> own;
    std::vector<Value::Entry> merged;
    for (auto& entry : map.entries) {
      if (entry.key != "<<") {
        own.push_back(std::move(entry));
        continue;
      }
      auto& source = entry.value;
      std::vector<Value> maps;
      if (source.kind == Value::Kind::list)
        maps = std::move(source.items);
      else
        maps.push_back(std::move(source));
      for (auto& one : maps) {
        if (one.kind != Value::Kind::map)
          throw Refused(entry.at, "'<<' merges a map (or a list of maps), not " + std::string(one.kind_name()));
        for (auto& inner : one.entries) merged.push_back(std::move(inner));
      }
    }
    map.entries = std::move(own);
    for (auto& entry : merged)
      if (map.find(entry.key) == nullptr) map.entries.push_back(std::move(entry));
  }

  std::shared_ptr<const std::string> file_;
  const YamlLimits& limits_;
  Problems& problems_;
  Value root_;
  std::vector<Open> stack_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::size_t documents_ = 0;
};

Position after(const std::shared_ptr<const std::string>& file, std::string_view before) {
  Position at{file, 1, 1};
  for (const char c : before) {
    at.column = c == '\n' ? 1 : at.column + 1;
    at.line += c == '\n' ? 1 : 0;
  }
  return at;
}

}  // namespace

std::optional<Value> parse_yaml(std::string_view text, std::string_view file, Problems& problems,
                                const YamlLimits& limits) {
  const auto name = std::make_shared<const std::string>(file);
  if (text.size() > limits.bytes) {
    problems.error({name, 0, 0}, "",
                   "larger than " + std::to_string(limits.bytes / 1024) + " KiB; split it into conf.d/*.yaml");
    return std::nullopt;
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    problems.error(after(name, text.substr(0, nul)), "", "a NUL byte; this is not a YAML text file");
    return std::nullopt;
  }
  if (!text::is_valid_utf8(text)) {
    problems.error({name, 0, 0}, "", "not valid UTF-8; save the file in UTF-8");
    return std::nullopt;
  }
  TreeBuilder builder(name, limits, problems);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    Value root = builder.take();
    if (root.at.file == nullptr) root.at = {name, 1, 1};
    return root;
  } catch (const Refused& refused) {
    problems.error(refused.at, "", refused.message);
  } catch (const YAML::Exception& error) {
    problems.error(builder.position(error.mark), "", "YAML syntax: " + error.msg);
  }
  return std::nullopt;
}

}  // namespace wardex::config
