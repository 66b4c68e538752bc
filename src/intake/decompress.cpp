#include "intake/decompress.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include <zlib.h>
#include <zstd.h>

#include "wardex/text.hpp"

namespace wardex::intake {

namespace {

using Inflated = std::variant<std::string, Refusal>;

Refusal broken(std::string_view coding, std::string_view what) {
  return {Reason::malformed, "The body is not valid " + std::string(coding) + ": " + std::string(what) + "."};
}

/// Takes output in pieces and stops a bomb before it is in memory.
class Output {
 public:
  Output(std::size_t input_bytes, std::size_t max_bytes) : input_bytes_(input_bytes), max_bytes_(max_bytes) {}

  std::optional<Refusal> append(const char* bytes, std::size_t count) {
    const auto total = text_.size() + count;
    if (total > max_bytes_)
      return Refusal{Reason::too_large, "The body has more than " + std::to_string(max_bytes_) +
                                            " bytes after decompression (intake.limits.body). Send smaller batches."};
    if (total > kRatioFreeBytes && total / kMaxRatio > input_bytes_)
      return Refusal{Reason::too_large, "The body expands more than " + std::to_string(kMaxRatio) +
                                            ":1. Send it without Content-Encoding."};
    text_.append(bytes, count);
    return std::nullopt;
  }
  std::string take() { return std::move(text_); }

 private:
  std::size_t input_bytes_;
  std::size_t max_bytes_;
  std::string text_;
};

constexpr std::size_t kPiece = 64UL * 1024UL;
using Piece = std::array<char, kPiece>;

Inflated gunzip(const std::string& body, std::size_t max_bytes) {
  z_stream stream{};
  constexpr int kGzipOnly = 16 + MAX_WBITS;  // zlib.h: 16 more for gzip and nothing else
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);

  Output output(body.size(), max_bytes);
  auto piece = std::make_unique<Piece>();
  // zlib's input pointer is not const for historical reasons; it only reads.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(piece->data());
    stream.avail_out = kPiece;
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (auto refusal = output.append(piece->data(), kPiece - stream.avail_out)) return *refusal;
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) return output.take();
      if (inflateReset(&stream) != Z_OK) return broken("gzip", "it cannot be read on");  // RFC 1952: several members
    } else if (result == Z_BUF_ERROR || (result == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)) {
      return broken("gzip", "it ends too early");
    } else if (result != Z_OK) {
      return broken("gzip", stream.msg == nullptr ? "no gzip data" : stream.msg);
    }
  }
}

Inflated unzstd(const std::string& body, std::size_t max_bytes) {
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  if (!stream) throw std::bad_alloc();
  // RFC 9659: in HTTP, frames need windows of at most 8 MiB; a frame may otherwise demand gigabytes of us.
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, 23);

  Output output(body.size(), max_bytes);
  auto piece = std::make_unique<Piece>();
  ZSTD_inBuffer in{body.data(), body.size(), 0};
  std::size_t hint = 1;
  bool full = false;  // a full piece: there may be more output without more input
  while (in.pos < in.size || full) {
    ZSTD_outBuffer out{piece->data(), kPiece, 0};
    hint = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(hint) != 0) return broken("zstd", ZSTD_getErrorName(hint));
    if (auto refusal = output.append(piece->data(), out.pos)) return *refusal;
    full = out.pos == out.size && hint != 0;
  }
  if (hint != 0) return broken("zstd", "it ends too early");  // 0: a frame is complete
  return output.take();
}

}  // namespace

std::variant<Coding, Refusal> content_coding(const transport::ServerRequest& request) {
  std::string stated;
  for (const auto& [name, value] : request.headers)
    if (text::iequals(name, "content-encoding")) stated += (stated.empty() ? "" : ", ") + value;
  const auto coding = text::lower(stated);
  if (coding.empty() || coding == "identity") return Coding::identity;
  if (coding == "gzip" || coding == "x-gzip") return Coding::gzip;
  if (coding == "zstd") return Coding::zstd;
  return Refusal{Reason::unsupported_coding, "Content-Encoding '" + text::truncate(stated, 80) +
                                                 "' is not taken; use gzip or zstd, one layer, or none."};
}

std::variant<std::string, Refusal> decompress(Coding coding, std::string body, std::size_t max_bytes) {
  switch (coding) {
    case Coding::gzip:
      return gunzip(body, max_bytes);
    case Coding::zstd:
      return unzstd(body, max_bytes);
    case Coding::identity:
      break;
  }
  return body;
}

}  // namespace wardex::intake
