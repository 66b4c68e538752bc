#include "transport/tls_context.hpp"

#include <sys/stat.h>

#include <openssl/ssl.h>

#include "runtime/log.hpp"

namespace wardex::transport {

namespace ssl = asio::ssl;

FileStamps FileStamps::of(const std::vector<std::string>& paths) {
  FileStamps out;
  for (const auto& path : paths) {
    struct stat file {};
    Stamp stamp;
    if (!path.empty() && stat(path.c_str(), &file) == 0)
      stamp = {file.st_mtim.tv_sec, file.st_mtim.tv_nsec, file.st_size, file.st_ino};
    out.stamps_.push_back(stamp);
  }
  return out;
}

namespace {

std::shared_ptr<ssl::context> new_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  auto* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Sessions would outlive a rotated certificate or a withdrawn CA; connections are kept alive instead.
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(native, 0);
  return context;
}

/// Never prompts on the terminal for a key's passphrase.
std::string no_passphrase(std::size_t, ssl::context::password_purpose) { return {}; }

bool use_key_pair(ssl::context& context, const std::string& certificate, const std::string& key, std::string& error) {
  boost::system::error_code code;
  context.set_password_callback(no_passphrase);
  context.use_certificate_chain_file(certificate, code);
  if (code) {
    error = "cannot use the certificate file " + certificate + ": " + code.message();
    return false;
  }
  context.use_private_key_file(key, ssl::context::pem, code);
  if (code) {
    error =
        "cannot use the private key file " + key + " (or it does not belong to " + certificate + "): " + code.message();
    return false;
  }
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    error = "the private key " + key + " does not belong to the certificate " + certificate;
    return false;
  }
  return true;
}

bool trust(ssl::context& context, const std::string& file, std::string& error) {
  boost::system::error_code code;
  context.load_verify_file(file, code);
  if (code) error = "cannot use the CA file " + file + ": " + code.message();
  return !code;
}

}  // namespace

std::shared_ptr<ssl::context> client_context(const TlsOptions& options, std::string& error) {
  auto context = new_context(ssl::context::tls_client);
  if (options.insecure_skip_verify) {
    context->set_verify_mode(ssl::verify_none);
  } else {
    context->set_verify_mode(ssl::verify_peer);
    if (options.ca_file.empty()) {
      boost::system::error_code code;
      context->set_default_verify_paths(code);
    } else if (!trust(*context, options.ca_file, error)) {
      return nullptr;
    }
  }
  if (!options.client_cert.empty()) {
    // One PEM file may hold both.
    const auto& key = options.client_key.empty() ? options.client_cert : options.client_key;
    if (!use_key_pair(*context, options.client_cert, key, error)) return nullptr;
  }
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context->native_handle(), kHttp11, sizeof kHttp11);
  return context;
}

std::shared_ptr<ssl::context> server_context(const ServerTlsFiles& files, std::string& error) {
  auto context = new_context(ssl::context::tls_server);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (!use_key_pair(*context, files.certificate, files.key, error)) return nullptr;
  if (files.client_ca.empty()) return context;
  if (!trust(*context, files.client_ca, error)) return nullptr;
  // Clients with several certificates choose by this list.
  if (auto* names = SSL_load_client_CA_file(files.client_ca.c_str()))
    SSL_CTX_set_client_CA_list(context->native_handle(), names);
  context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  return context;
}

std::shared_ptr<ssl::context> ClientContexts::get(const TlsOptions& options, std::string& error) {
  std::string key;
  for (const auto* part : {&options.ca_file, &options.client_cert, &options.client_key}) key.append(*part) += '\0';
  key += options.insecure_skip_verify ? '1' : '0';
  const auto stamps = FileStamps::of({options.ca_file, options.client_cert, options.client_key});
  auto& entry = entries_[key];
  if (entry.context && entry.stamps == stamps) return entry.context;
  auto context = client_context(options, error);
  if (context) {
    entry.context = std::move(context);
  } else if (entry.context) {
    log::warning("tls.reload_failed", "changed TLS files cannot be used; the previous ones stay in use",
                 {{"error", error}});
  } else {
    return nullptr;
  }
  entry.stamps = stamps;
  return entry.context;
}

}  // namespace wardex::transport
