#include "audit/signing_key.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "audit/key_file.hpp"
#include "audit/signed_note.hpp"
#include "unit/store/store_fixture.hpp"

namespace wardex::audit {
namespace {

namespace fs = std::filesystem;

// `openssl genpkey -algorithm ed25519`, and `openssl pkey -pubout` of it: no key of anybody's.
constexpr auto kPrivate =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIpnCV5CmW+l2nPH5inKwJliUtJgtOHCmVcfm008E4I+\n-----END PRIVATE "
    "KEY-----\n";
constexpr auto kPublic =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA4x2SXBG2TzAA/MbuTsiYclr25RBaMNqupl103d0VPPM=\n-----END PUBLIC "
    "KEY-----\n";
constexpr auto kRsaPublic =
    "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAO3Rvl7EvrRoe6C8tcyalMfiG6w1aeU4\n"
    "+AabsIiFJnnL4frpkP1uNwmTZNhhH02/PLgoXq7RKq7gS5hINjU3zUcCAwEAAQ==\n-----END PUBLIC KEY-----\n";

std::string refused(const std::string& pem) {
  const auto key = SigningKey::from_pem(Secret(pem));
  const auto* why = std::get_if<std::string>(&key);
  return why != nullptr ? *why : "";
}
std::vector<VerifierKey> keys(const std::string& text) {
  auto found = read_verifier_keys(text);
  if (const auto* why = std::get_if<std::string>(&found)) {
    ADD_FAILURE() << *why;
    return {};
  }
  return std::get<std::vector<VerifierKey>>(found);
}
std::string no_keys(const std::string& text) {
  const auto found = read_verifier_keys(text);
  const auto* why = std::get_if<std::string>(&found);
  return why != nullptr ? *why : "";
}

TEST(SigningKey, ReadsWhatOpensslWrites) {
  const auto key = SigningKey::from_pem(Secret(kPrivate));
  ASSERT_TRUE(std::holds_alternative<SigningKey>(key)) << std::get<std::string>(key);
  EXPECT_EQ(public_pem(std::get<SigningKey>(key).public_key()), kPublic);
  EXPECT_TRUE(std::get<SigningKey>(key).pem().equals(kPrivate));
}

TEST(SigningKey, SignsAndVerifies) {
  const auto key = SigningKey::generate();
  const auto signature = key.sign("row 7\n");
  EXPECT_TRUE(verify_signature(key.public_key(), "row 7\n", signature));
  EXPECT_FALSE(verify_signature(key.public_key(), "row 8\n", signature));
  EXPECT_FALSE(verify_signature(SigningKey::generate().public_key(), "row 7\n", signature));
  EXPECT_EQ(key.sign("row 7\n"), signature) << "Ed25519 has no randomness";
}

TEST(SigningKey, SaysWhyAKeyIsNone) {
  const std::string encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_EQ(refused(encrypted), "is encrypted; decrypt it with `openssl pkey`, and guard it as a credential");
  for (const std::string pem :
       {"", "hunter2", kPublic, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
    EXPECT_EQ(refused(pem),
              "is no private key in PEM form (PKCS #8); make one with `openssl genpkey -algorithm ed25519`");
  }
}

TEST(SigningKey, PublicKeysAreReadInBothForms) {
  const auto name = std::string("wardex-gateway/0a");
  const auto other = verifier_key(name, SigningKey::generate().public_key());
  const auto found = keys("The audit key:\n\n" + std::string(kPublic) + "\r\n  " + other + "  \r\nfrom 2026 on\n");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "");
  EXPECT_EQ(public_pem(found[0].key), kPublic);
  EXPECT_EQ(found[1].name, name);
  EXPECT_EQ(verifier_key(name, found[1].key), other);
}

TEST(SigningKey, SaysWhyAFileHoldsNoPublicKey) {
  EXPECT_NE(no_keys("").find("it holds no public key"), std::string::npos);
  EXPECT_NE(no_keys("name+12345678+AAAA\n").find("it holds no public key"), std::string::npos);
  EXPECT_NE(no_keys(kPrivate).find("it holds a private key; give the public one"), std::string::npos);
  EXPECT_EQ(no_keys("-----BEGIN PUBLIC KEY-----\nAAAA\n"), "a PUBLIC KEY block has no end");
  EXPECT_EQ(no_keys("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
            "a PUBLIC KEY block cannot be read");
  EXPECT_EQ(no_keys(kRsaPublic), "a PUBLIC KEY block holds a key that is not Ed25519");
}

TEST(KeyFile, IsMadeOnceForItsOwnerOnly) {
  const store::test::TempDir dir;
  const auto file = dir.path() / kKeyFileName;
  const auto none = read_key_file(file);
  EXPECT_FALSE(std::get<std::optional<SigningKey>>(none));
  const auto made = std::get<KeyFile>(open_key_file(file));
  EXPECT_TRUE(made.created);
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), {}), 1);
  const auto again = std::get<KeyFile>(open_key_file(file));
  EXPECT_FALSE(again.created);
  EXPECT_EQ(again.key.public_key(), made.key.public_key());
}

TEST(KeyFile, WhatCannotBeReadIsNeverReplaced) {
  const store::test::TempDir dir;
  const auto file = dir.path() / kKeyFileName;
  std::ofstream(file) << "half a key";
  const auto opened = open_key_file(file);
  ASSERT_TRUE(std::holds_alternative<std::string>(opened));
  EXPECT_EQ(std::get<std::string>(opened).find(file.string() + " is no private key"), 0U);
  EXPECT_EQ(fs::file_size(file), 10U);
  std::ofstream(file) << std::string(70'000, 'x');
  EXPECT_NE(std::get<std::string>(open_key_file(file)).find("cannot read"), std::string::npos);
}

TEST(KeyFile, SaysWhereItCannotBeMade) {
  const store::test::TempDir dir;
  EXPECT_NE(std::get<std::string>(open_key_file(dir.path() / "nowhere" / kKeyFileName)).find("nowhere"),
            std::string::npos);
}

}  // namespace
}  // namespace wardex::audit
