// A Beast body that keeps at most `cap` bytes and counts the rest. Beast's string_body reserves whatever a peer's
// Content-Length claims, and its body_limit refuses a message of which the first bytes are what we want to show.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional/optional.hpp>

namespace wardex::transport {

struct CappedBody {
  struct value_type {
    std::string bytes;
    std::size_t cap = 0;
    std::uint64_t seen = 0;
    [[nodiscard]] bool truncated() const { return seen > bytes.size(); }
  };

  class reader {
   public:
    template <bool isRequest, class Fields>
    reader(boost::beast::http::header<isRequest, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>& length, boost::system::error_code& error) {
      error = {};
      // A claim costs the claimant nothing: reserve no more than one read's worth for it.
      if (length) body_.bytes.reserve(std::min<std::uint64_t>({*length, body_.cap, 64UL * 1024UL}));
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      std::size_t taken = 0;
      for (auto at = boost::asio::buffer_sequence_begin(buffers); at != boost::asio::buffer_sequence_end(buffers);
           ++at) {
        const boost::asio::const_buffer part = *at;
        const auto room = body_.cap - body_.bytes.size();
        body_.bytes.append(static_cast<const char*>(part.data()), std::min(room, part.size()));
        taken += part.size();
      }
      body_.seen += taken;
      return taken;
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

}  // namespace wardex::transport
