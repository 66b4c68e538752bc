// Signed notes against a vector of another implementation, and against everything that is none.
#include "audit/signed_note.hpp"

#include <gtest/gtest.h>

#include "wardex/crypto.hpp"

namespace wardex::audit {
namespace {

// The example key and note of Go's golang.org/x/mod/sumdb/note, from which the C2SP format comes.
constexpr std::string_view kName = "PeterNeumann";
constexpr std::string_view kVerifierKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string kText =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const std::string kSignature =
    "\xE2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJ"
    "nAM=\n";

Note parsed(const std::string& bytes) {
  auto note = parse_note(bytes);
  if (const auto* why = std::get_if<std::string>(&note)) {
    ADD_FAILURE() << bytes << ": " << *why;
    return {};
  }
  return std::get<Note>(note);
}
std::string refused(const std::string& bytes) {
  const auto note = parse_note(bytes);
  const auto* why = std::get_if<std::string>(&note);
  return why != nullptr ? *why : "";
}

TEST(SignedNote, ANoteOfAnotherImplementationVerifies) {
  const auto key = read_verifier_key(kVerifierKey);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->name, kName);
  EXPECT_EQ(verifier_key(kName, key->key), kVerifierKey);
  EXPECT_EQ(to_string(key_id(kName, key->key)), "c74f20a3");
  const auto note = parsed(kText + "\n" + kSignature);
  EXPECT_EQ(note.text, kText);
  const auto checked = check_note(note, kName, {*key});
  EXPECT_EQ(checked.check, NoteCheck::good);
  EXPECT_EQ(checked.key, "PeterNeumann+c74f20a3");
}

TEST(SignedNote, SignsAsItVerifies) {
  const auto key = SigningKey::generate();
  const auto bytes = sign_note("one\ntwo\n", "wardex-gateway/0a", key);
  const auto note = parsed(bytes);
  EXPECT_EQ(note.text, "one\ntwo\n");
  ASSERT_EQ(note.signatures.size(), 1U);
  const VerifierKey bare{key.public_key(), {}};
  const VerifierKey named{key.public_key(), "wardex-gateway/0a"};
  const VerifierKey other_name{key.public_key(), "wardex-gateway/0b"};
  const VerifierKey other_key{SigningKey::generate().public_key(), {}};
  EXPECT_EQ(check_note(note, "wardex-gateway/0a", {other_key, bare}).check, NoteCheck::good);
  EXPECT_EQ(check_note(note, "wardex-gateway/0a", {named}).check, NoteCheck::good);
  EXPECT_EQ(check_note(note, "wardex-gateway/0a", {other_name}).check, NoteCheck::unknown);
  EXPECT_EQ(check_note(note, "wardex-gateway/0a", {other_key}).check, NoteCheck::unknown);
  EXPECT_EQ(check_note(note, "wardex-gateway/0b", {bare}).check, NoteCheck::unknown);
  EXPECT_EQ(check_note(note, "wardex-gateway/0a", {}).check, NoteCheck::unknown);
}

TEST(SignedNote, EveryFlippedBitOfTextOrSignatureIsSeen) {
  const auto key = SigningKey::generate();
  const std::vector<VerifierKey> keys{{key.public_key(), {}}};
  const auto good = parsed(sign_note("row 7\n", "g", key));
  for (std::size_t bit = 0; bit < good.text.size() * 8; ++bit) {
    auto note = good;
    note.text[bit / 8] = static_cast<char>(note.text[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(check_note(note, "g", keys).check, NoteCheck::forged) << bit;
  }
  for (std::size_t bit = 0; bit < good.signatures[0].signature.size() * 8; ++bit) {
    auto note = good;
    auto& bytes = note.signatures[0].signature;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(check_note(note, "g", keys).check, NoteCheck::forged) << bit;
  }
}

TEST(SignedNote, SignaturesOfStrangersDoNotMatter) {
  const auto key = read_verifier_key(kVerifierKey);
  const auto stranger = base64(std::string("\x01\x02\x03\x04 not even 64 bytes"));
  const auto note = parsed(kText + "\n\xE2\x80\x94 witness.example " + stranger + "\n" + kSignature);
  EXPECT_EQ(check_note(note, kName, {*key}).check, NoteCheck::good);
}

TEST(SignedNote, ABadSignatureOfAKnownKeyCondemnsTheNote) {
  const auto key = read_verifier_key(kVerifierKey);
  auto note = parsed(kText + "\n" + kSignature + kSignature);
  note.signatures[0].signature.pop_back();
  EXPECT_EQ(check_note(note, kName, {*key}).check, NoteCheck::forged);
}

TEST(SignedNote, WhatIsNoNoteIsRefused) {
  const std::string dash = "\xE2\x80\x94 ";
  const std::pair<std::string, std::string> table[] = {
      {"", "has no blank line between a text and its signatures"},
      {"text\n", "has no blank line between a text and its signatures"},
      {"\n\n" + kSignature, "has no blank line between a text and its signatures"},
      {"text\n\n", "has no signature"},
      {"text\n" + kSignature, "has no blank line between a text and its signatures"},
      {"text\n\n" + kSignature.substr(0, kSignature.size() - 1), "does not end in a line end"},
      {"text\n\n- PeterNeumann x08go/Y=\n", "has a line that is no signature"},
      {"text\n\n" + dash + "x08go/ZJkuA=\n", "has a line that is no signature"},
      {"text\n\n" + dash + " x08go/ZJkuA=\n", "has a line that is no signature"},
      {"text\n\n" + dash + "a+b x08go/ZJkuA=\n", "has a line that is no signature"},
      {"text\n\n" + dash + "name x08go/ZJkuA\n", "has a line that is no signature"},
      {"text\n\n" + dash + "name x08go_ZJkuA=\n", "has a line that is no signature"},
      {"text\n\n" + dash + "name x08goA==\n", "has a line that is no signature"},
      {"text\n\n" + dash + "name !!\n", "has a line that is no signature"},
      {"text\n\n" + kSignature + "trailing\n", "has a line that is no signature"},
      {"te\rxt\n\n" + kSignature, "has a control character"},
      {std::string("te\0xt\n\n", 7) + kSignature, "has a control character"},
      {"te\xFFxt\n\n" + kSignature, "is not valid UTF-8"},
      {std::string(kMaxNoteBytes, 'x') + "\n\n" + kSignature, "is longer than 16384 bytes"},
  };
  for (const auto& [bytes, why] : table) EXPECT_EQ(refused(bytes), why) << bytes.substr(0, 100);
  std::string many = "text\n\n";
  for (std::size_t i = 0; i <= kMaxNoteSignatures; ++i) many += kSignature;
  EXPECT_EQ(refused(many), "has too many signatures");
}

TEST(SignedNote, WhatIsNoVerifierKeyIsRefused) {
  const std::string good(kVerifierKey);
  for (const auto& line :
       {std::string(), std::string("name"), std::string("name+c74f20a3"), good.substr(1), good + "A",
        std::string("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),   // another hash
        std::string("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),   // spelled otherwise
        std::string("PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")})  // another algorithm
    EXPECT_FALSE(read_verifier_key(line)) << line;
}

}  // namespace
}  // namespace wardex::audit
