// Binds the listening sockets. Throws std::system_error naming the address.
#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace wardex::transport {

namespace asio = boost::asio;

/// `host`: a name, an address, or "*" for all addresses of both families.
asio::ip::tcp::acceptor listen_tcp(const asio::any_io_executor& executor, const std::string& host, std::uint16_t port);
/// Mode 0600. A socket left over by a crash is removed; one that answers belongs to a running gateway.
asio::local::stream_protocol::acceptor listen_unix(const asio::any_io_executor& executor, const std::string& path);

/// A bound unix socket's file: removed when we are done, unless somebody else's stands in its place by then.
class SocketFile {
 public:
  SocketFile() = default;
  explicit SocketFile(std::string path);
  void remove();

 private:
  std::string path_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

}  // namespace wardex::transport
