#include "transport/tls_names.hpp"

#include <algorithm>
#include <memory>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>

#include "transport/stream.hpp"

namespace wardex::transport {

namespace {

/// OpenSSL numbers a received alert as SSL_AD_REASON_OFFSET + its code (RFC 8446 6).
std::string describe_alert(const boost::system::error_code& error) {
  if (error.category() != asio::error::get_ssl_category()) return {};
  const auto packed = static_cast<unsigned long>(static_cast<unsigned>(error.value()));
  const int alert = ERR_GET_REASON(packed) - SSL_AD_REASON_OFFSET;
  if (alert <= 0 || alert > 255) return {};
  const std::string word = SSL_alert_desc_string_long(alert);
  switch (alert) {
    case SSL_AD_NO_CERTIFICATE:
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
      return "the other side refused our client certificate (alert: " + word + ")";
    case TLS13_AD_CERTIFICATE_REQUIRED:
      return "the other side demands a client certificate (set tls.client_cert)";
    case SSL_AD_PROTOCOL_VERSION:
      return "no TLS version in common (1.2 or later is spoken here)";
    default:
      return "the other side sent the TLS alert: " + word;
  }
}

std::string describe_verification(long result, const std::string& host) {
  switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the certificate is not valid yet";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the certificate is not for " + host + " (wrong name)";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return std::string("the certificate is from an unknown CA (") + X509_verify_cert_error_string(result) +
             "; set tls.ca_file if it is your own)";
    default:
      return std::string("the certificate failed its check: ") + X509_verify_cert_error_string(result);
  }
}

}  // namespace

std::string tls_alert(const boost::system::error_code& error) { return describe_alert(error); }

std::string describe_handshake_failure(SSL* ssl, const boost::system::error_code& error, const std::string& host) {
  const long result = SSL_get_verify_result(ssl);
  if (error.category() == asio::error::get_ssl_category()) {
    const auto packed = static_cast<unsigned long>(static_cast<unsigned>(error.value()));
    const int reason = ERR_GET_REASON(packed);
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && result != X509_V_OK) return describe_verification(result, host);
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST)
      return "the other side does not speak TLS on this port";
    if (auto alert = describe_alert(error); !alert.empty()) return alert;
    const char* text = ERR_reason_error_string(packed);
    return text ? text : error.message();
  }
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
    return "the other side closed the connection during the handshake";
  return error.message();
}

std::vector<std::string> certificate_names(SSL* ssl) {
  std::vector<std::string> names;
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl), X509_free);
  if (!certificate) return names;
  // A NUL inside a name is an old trick to be read as a shorter one: such a name names nobody.
  const auto add = [&names](const unsigned char* data, int size) {
    std::string name(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    if (!name.empty() && name.find('\0') == std::string::npos) names.push_back(std::move(name));
  };

  auto* subject = X509_get_subject_name(certificate.get());
  if (const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size > 0) add(utf8, size);
    OPENSSL_free(utf8);
  }
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> alternatives(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    int type = 0;
    const auto* value =
        static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(alternatives.get(), i), &type));
    const auto* data = type == GEN_DNS || type == GEN_URI || type == GEN_EMAIL || type == GEN_IPADD
                           ? ASN1_STRING_get0_data(value)
                           : nullptr;
    if (!data) continue;
    const int size = ASN1_STRING_length(value);
    if (type != GEN_IPADD)
      add(data, size);
    else if (size == 4)
      names.push_back(asio::ip::address_v4({data[0], data[1], data[2], data[3]}).to_string());
    else if (size == 16) {
      asio::ip::address_v6::bytes_type bytes{};
      std::copy_n(data, 16, bytes.begin());
      names.push_back(asio::ip::make_address_v6(bytes).to_string());
    }
  }
  return names;
}

}  // namespace wardex::transport
