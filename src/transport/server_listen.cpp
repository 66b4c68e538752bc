#include "transport/server_listen.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <boost/asio/ip/v6_only.hpp>

namespace wardex::transport {

namespace {

[[noreturn]] void fail(const std::string& what, const boost::system::error_code& error) {
  throw std::system_error(error.value(), std::generic_category(), what);
}

asio::ip::tcp::endpoint find_endpoint(const asio::any_io_executor& executor, const std::string& host,
                                      std::uint16_t port, const std::string& what) {
  boost::system::error_code error;
  const auto literal = asio::ip::make_address(host, error);
  if (!error) return {literal, port};
  asio::ip::tcp::resolver resolver(executor);  // start-up: blocking is fine
  const auto found = resolver.resolve(host, std::to_string(port), asio::ip::tcp::resolver::passive, error);
  if (error) throw std::runtime_error(what + ": " + error.message());
  return found.begin()->endpoint();
}

}  // namespace

asio::ip::tcp::acceptor listen_tcp(const asio::any_io_executor& executor, const std::string& host, std::uint16_t port) {
  const bool v6_literal = host.find(':') != std::string::npos;
  const auto what = "cannot listen on " + (v6_literal ? "[" + host + "]" : host) + ":" + std::to_string(port);
  asio::ip::tcp::acceptor acceptor(executor);
  boost::system::error_code error;
  auto endpoint = host == "*" ? asio::ip::tcp::endpoint(asio::ip::address_v6::any(), port)
                              : find_endpoint(executor, host, port, what);
  acceptor.open(endpoint.protocol(), error);
  if (error && host == "*") {  // IPv6 switched off in the kernel
    endpoint = {asio::ip::address_v4::any(), port};
    acceptor.open(endpoint.protocol(), error);
  }
  if (error) fail(what, error);
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(host != "*"), error);
  acceptor.bind(endpoint, error);
  if (error) fail(what, error);
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) fail(what, error);
  return acceptor;
}

asio::local::stream_protocol::acceptor listen_unix(const asio::any_io_executor& executor, const std::string& path) {
  using Local = asio::local::stream_protocol;
  const auto what = "cannot listen on " + path;
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    throw std::system_error(ENAMETOOLONG, std::generic_category(),
                            what + " (a socket's path has at most 107 bytes; choose a shorter data_dir)");
  const Local::endpoint endpoint(path);
  boost::system::error_code error;
  struct stat file {};
  if (lstat(path.c_str(), &file) == 0) {
    if (!S_ISSOCK(file.st_mode)) throw std::system_error(EEXIST, std::generic_category(), what + " (not a socket)");
    Local::socket probe(executor);
    probe.connect(endpoint, error);
    if (error != boost::system::errc::connection_refused)
      throw std::system_error(EADDRINUSE, std::generic_category(), what + " (is another gateway running?)");
    unlink(path.c_str());
  }
  Local::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  if (error) fail(what, error);
  acceptor.bind(endpoint, error);
  if (error) fail(what, error);
  // Between bind and listen nobody can connect, so there is no moment with the wrong mode; umask would change it for
  // every thread.
  if (chmod(path.c_str(), 0600) != 0) throw std::system_error(errno, std::generic_category(), what);
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) fail(what, error);
  return acceptor;
}

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat file {};
  if (lstat(path_.c_str(), &file) != 0) path_.clear();
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

void SocketFile::remove() {
  struct stat file {};
  if (!path_.empty() && lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_)
    unlink(path_.c_str());
  path_.clear();
}

}  // namespace wardex::transport
