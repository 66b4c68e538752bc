#include "wire/message.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <zlib.h>

namespace wardex::bench {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

template <class T>
T number(std::string_view digits, int base = 10) {
  T value{};
  std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return value;
}

/// Appends the chunks to `out`; the position after the last one, or nullopt while it has not come.
std::optional<std::size_t> unchunk(std::string_view bytes, std::size_t at, std::string& out) {
  out.clear();
  while (true) {
    const auto end = bytes.find(kLineEnd, at);
    if (end == std::string_view::npos) return std::nullopt;
    const auto size = number<std::size_t>(bytes.substr(at, end - at), 16);
    at = end + 2 + size + 2;
    if (bytes.size() < at) return std::nullopt;
    if (size == 0) return at;
    out.append(bytes, end + 2, size);
  }
}

}  // namespace

std::string_view Message::header(std::string_view name) const {
  for (auto left = fields; !left.empty();) {
    const auto end = std::min(left.find(kLineEnd), left.size());
    auto line = left.substr(0, end);
    left.remove_prefix(std::min(end + 2, left.size()));
    if (line.size() <= name.size() || line[name.size()] != ':' || !same(line.substr(0, name.size()), name)) continue;
    line.remove_prefix(name.size() + 1);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return line;
  }
  return {};
}

bool Message::closes() const { return same(header("Connection"), "close"); }

int Message::status() const {
  const auto space = start_line.find(' ');
  return space == std::string_view::npos ? 0 : number<int>(start_line.substr(space + 1));
}

std::string_view Message::target() const {
  const auto first = start_line.find(' ');
  const auto last = start_line.rfind(' ');
  return first == last ? std::string_view{} : start_line.substr(first + 1, last - first - 1);
}

std::optional<Message> first_message(std::string_view bytes, std::string& unchunked) {
  const auto head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return std::nullopt;
  Message message;
  const auto line = std::min(bytes.find(kLineEnd), head);
  message.start_line = bytes.substr(0, line);
  message.fields = line == head ? std::string_view{} : bytes.substr(line + 2, head - line - 2);
  const auto start = head + 4;
  if (message.header("Transfer-Encoding").find("chunked") != std::string_view::npos) {
    const auto end = unchunk(bytes, start, unchunked);
    if (!end) return std::nullopt;
    message.body = unchunked;
    message.size = *end;
    return message;
  }
  const auto length = number<std::size_t>(message.header("Content-Length"));
  if (bytes.size() - start < length) return std::nullopt;
  message.body = bytes.substr(start, length);
  message.size = start + length;
  return message;
}

std::optional<std::string_view> query_parameter(std::string_view target, std::string_view key) {
  const auto question = target.find('?');
  if (question == std::string_view::npos) return std::nullopt;
  for (auto left = target.substr(question + 1); !left.empty();) {
    const auto end = std::min(left.find('&'), left.size());
    const auto one = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    const auto equals = std::min(one.find('='), one.size());
    if (one.substr(0, equals) == key) return one.substr(std::min(equals + 1, one.size()));
  }
  return std::nullopt;
}

std::optional<std::string> inflate(std::string_view packed, std::size_t max_bytes) {
  constexpr int kAnyHeader = 15 + 32;
  z_stream stream{};
  if (inflateInit2(&stream, kAnyHeader) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  std::array<char, 65536> piece{};
  int state = Z_OK;
  while (state == Z_OK && out.size() <= max_bytes) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    state = ::inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END && out.size() <= max_bytes ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace wardex::bench
