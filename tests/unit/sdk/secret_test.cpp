#include <sstream>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "wardex/secret.hpp"

namespace wardex {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <class T>
concept Comparable = requires(const T& a, const T& b) {
  a == b;
};
template <class T>
concept Ordered = requires(const T& a, const T& b) {
  a < b;
};

// The promise of secret.hpp, held by the compiler.
static_assert(!Streamable<Secret>);
static_assert(!Comparable<Secret>);
static_assert(!Ordered<Secret>);
static_assert(!std::is_constructible_v<nlohmann::json, Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>, "turning text into a secret is said in words");
static_assert(!std::is_convertible_v<Secret, SensitiveText>);
static_assert(!Streamable<SensitiveText>);
static_assert(!Comparable<SensitiveText>);
static_assert(!std::is_constructible_v<nlohmann::json, SensitiveText>);
static_assert(!std::is_convertible_v<SensitiveText, std::string>);
static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);

TEST(Secret, HoldsItsBytes) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_EQ(Secret("hunter2").reveal(), "hunter2");
  EXPECT_EQ(Secret(std::string("a\0b", 3)).reveal().size(), 3U);
}

TEST(Secret, CopiesAndMoves) {
  for (const auto& text : {std::string("short"), std::string(100, 'x')}) {
    Secret first(text);
    Secret copy(first);
    EXPECT_EQ(copy.reveal(), text);
    Secret moved(std::move(first));
    EXPECT_EQ(moved.reveal(), text);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
    copy = moved;
    EXPECT_EQ(copy.reveal(), text);
    const Secret& same = copy;
    copy = same;
    EXPECT_EQ(copy.reveal(), text);
    copy = std::move(moved);
    EXPECT_EQ(copy.reveal(), text);
    EXPECT_TRUE(moved.empty());  // NOLINT(bugprone-use-after-move)
  }
}

TEST(Secret, WipesTheBytesItWasMovedFrom) {
  // A short string lives inside the object, so its bytes stay where they were unless they are wiped.
  Secret secret("tiny-key");
  const char* bytes = secret.reveal().data();
  const Secret thief(std::move(secret));
  EXPECT_EQ(std::string_view(bytes, 8).find_first_not_of('\0'), std::string_view::npos);
}

TEST(Secret, Compares) {
  const Secret secret("token");
  EXPECT_TRUE(secret.equals("token"));
  EXPECT_FALSE(secret.equals("tokem"));
  EXPECT_FALSE(secret.equals("toke"));
  EXPECT_FALSE(secret.equals("token "));
  EXPECT_FALSE(secret.equals(""));
  EXPECT_TRUE(Secret().equals(""));
}

TEST(SensitiveText, MasksEachSpan) {
  SensitiveText text("https://host/");
  text.append(Secret("k1")).append("/x?sig=").append_masked("k2").append("&y");
  EXPECT_EQ(text.reveal(), "https://host/k1/x?sig=k2&y");
  EXPECT_EQ(text.redacted(), "https://host/***/x?sig=***&y");
  EXPECT_TRUE(text.has_secret());
  EXPECT_EQ(text.size(), text.reveal().size());
}

TEST(SensitiveText, MasksNeighboursAsOne) {
  SensitiveText text;
  text.append_masked("user").append_masked(":").append(Secret("password"));
  EXPECT_EQ(text.redacted(), "***");
  EXPECT_EQ(text.secrets(), (std::vector<std::string_view>{"user:password"}));
  text.append("-").append_masked("b");
  EXPECT_EQ(text.redacted(), "***-***");
}

TEST(SensitiveText, KeepsSpansWhenAppendedToAnother) {
  SensitiveText inner("a");
  inner.append(Secret("SECRET")).append("b");
  SensitiveText outer("<");
  outer.append(inner).append(">").append(inner);
  EXPECT_EQ(outer.reveal(), "<aSECRETb>aSECRETb");
  EXPECT_EQ(outer.redacted(), "<a***b>a***b");
  outer.append(outer);
  EXPECT_EQ(outer.redacted(), "<a***b>a***b<a***b>a***b");
}

TEST(SensitiveText, MergesNeighboursAcrossAppend) {
  SensitiveText left;
  left.append_masked("one");
  SensitiveText right;
  right.append_masked("two").append("!");
  EXPECT_EQ(left.append(right).redacted(), "***!");
}

TEST(SensitiveText, PlainTextAndEmptySecretsMaskNothing) {
  EXPECT_EQ(SensitiveText("plain").redacted(), "plain");
  EXPECT_FALSE(SensitiveText("plain").has_secret());
  EXPECT_FALSE(SensitiveText(Secret()).has_secret());
  EXPECT_EQ(SensitiveText(Secret()).redacted(), "");
  EXPECT_EQ(SensitiveText(Secret("all")).redacted(), "***");
}

}  // namespace
}  // namespace wardex
