// A throw-away certificate authority for TLS tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace wardex::transport::testing {

struct Identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;

  void write(const std::filesystem::path& certificate_file, const std::filesystem::path& key_file) const {
    save(certificate_file, [this](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
    save(key_file,
         [this](BIO* out) { return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }

 private:
  template <class Write>
  static void save(const std::filesystem::path& file, Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
    if (write(out.get()) != 1) throw std::runtime_error("PEM");
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    std::ofstream(file, std::ios::binary).write(data, size);
  }
};

struct CertificateRequest {
  std::string common_name = "receiver";
  std::string alternatives = "DNS:receiver.test,IP:127.0.0.1";  ///< OpenSSL's subjectAltName syntax; empty: none
  long from_days = -1;
  long to_days = 30;
  bool authority = false;
};

/// Signed by `issuer`, or by itself when there is none.
inline Identity issue(const CertificateRequest& request, const Identity* issuer) {
  Identity out;
  out.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
  out.certificate.reset(X509_new(), X509_free);
  auto* certificate = out.certificate.get();
  static long serial = 1000;
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_time_adj_ex(X509_getm_notBefore(certificate), static_cast<int>(request.from_days), 0, nullptr);
  X509_time_adj_ex(X509_getm_notAfter(certificate), static_cast<int>(request.to_days), 0, nullptr);
  X509_set_pubkey(certificate, out.key.get());
  auto* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(request.common_name.c_str()), -1, -1, 0);
  const auto& signer = issuer ? *issuer : out;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  const auto extend = [&](int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer.certificate.get(), certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()), X509_EXTENSION_free);
    if (!extension) throw std::runtime_error("extension " + value);
    X509_add_ext(certificate, extension.get(), -1);
  };
  if (request.authority) extend(NID_basic_constraints, "critical,CA:TRUE");
  if (!request.authority && !request.alternatives.empty()) extend(NID_subject_alt_name, request.alternatives);
  if (X509_sign(certificate, signer.key.get(), EVP_sha256()) == 0) throw std::runtime_error("sign");
  return out;
}

inline Identity make_ca(const std::string& name) { return issue({.common_name = name, .authority = true}, nullptr); }

}  // namespace wardex::transport::testing
