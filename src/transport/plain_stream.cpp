#include <sys/socket.h>

#include <cerrno>

#include <boost/asio/write.hpp>

#include "runtime/async.hpp"
#include "transport/stream.hpp"

namespace wardex::transport {

namespace {

class PlainStream final : public Stream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<IoResult> read_some(asio::mutable_buffer into) override {
    const auto [error, bytes] = co_await socket_.async_read_some(into, runtime::nothrow);
    co_return IoResult{error, bytes};
  }
  asio::awaitable<IoResult> write(WriteBuffers buffers) override {
    const auto [error, bytes] = co_await asio::async_write(socket_, buffers, runtime::nothrow);
    co_return IoResult{error, bytes};
  }
  asio::awaitable<void> finish() override {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    co_return;
  }
  void cancel() override {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  bool quiet() override {
    char byte = 0;
    return recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 private:
  Socket socket_;
};

}  // namespace

std::unique_ptr<Stream> plain_stream(Socket socket) { return std::make_unique<PlainStream>(std::move(socket)); }

}  // namespace wardex::transport
