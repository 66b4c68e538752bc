// What OpenSSL knows of a peer, in words: why a handshake failed, whom a certificate names.
#pragma once

#include <string>
#include <vector>

#include <openssl/ssl.h>
#include <boost/system/error_code.hpp>

namespace wardex::transport {

/// "the certificate has expired", "the certificate is not for hooks.example", ...
std::string describe_handshake_failure(SSL* ssl, const boost::system::error_code& error, const std::string& host);
/// Common name, then DNS, URI, e-mail and IP subject alternative names of the peer's certificate.
std::vector<std::string> certificate_names(SSL* ssl);

}  // namespace wardex::transport
