// SSL contexts from files, rebuilt when the files change.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ssl/context.hpp>

#include "transport/http_server.hpp"
#include "transport/transport.hpp"

namespace wardex::transport {

/// Tells whether any of some files changed: modification time, size and inode of each (a rename over keeps no inode).
class FileStamps {
 public:
  static FileStamps of(const std::vector<std::string>& paths);
  bool operator==(const FileStamps&) const = default;

 private:
  struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0, size = -1;
    std::uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  std::vector<Stamp> stamps_;
};

/// Null and `error` set when a file cannot be used.
std::shared_ptr<asio::ssl::context> client_context(const TlsOptions& options, std::string& error);
std::shared_ptr<asio::ssl::context> server_context(const ServerTlsFiles& files, std::string& error);

/// One context per distinct TlsOptions.
class ClientContexts {
 public:
  /// When the files have changed but cannot be used (a rotation half done), the context before them stays in use.
  std::shared_ptr<asio::ssl::context> get(const TlsOptions& options, std::string& error);

 private:
  struct Entry {
    FileStamps stamps;
    std::shared_ptr<asio::ssl::context> context;
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace wardex::transport
