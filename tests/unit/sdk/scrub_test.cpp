#include <gtest/gtest.h>

#include "wardex/request.hpp"

namespace wardex {
namespace {

HttpRequest request() {
  HttpRequest out;
  out.url = SensitiveText("https://hooks.example").append(Secret("/services/T000/B000/s3cr3tpath42"));
  out.headers.push_back({"Authorization", SensitiveText("Bearer ").append(Secret("t0ken-abcdef"))});
  out.headers.push_back({"X-Short", SensitiveText(Secret("ab"))});
  return out;
}

TEST(Scrub, MasksWhatAReceiverEchoes) {
  EXPECT_EQ(scrub("bad token Bearer t0ken-abcdef, really t0ken-abcdef", request()), "bad token Bearer ***, really ***");
}

TEST(Scrub, MasksTheWholeSecretPartOfAUrlAndItsPieces) {
  EXPECT_EQ(scrub("no /services/T000/B000/s3cr3tpath42 here", request()), "no *** here");
  EXPECT_EQ(scrub("no hook s3cr3tpath42", request()), "no hook ***");
  EXPECT_EQ(scrub("services are down", request()), "services are down");
}

TEST(Scrub, LeavesSecretsAloneThatAreTooShortToTell) { EXPECT_EQ(scrub("about", request()), "about"); }

TEST(Scrub, LeavesOtherRequestsAlone) { EXPECT_EQ(scrub("text", FileAppend{}), "text"); }

}  // namespace
}  // namespace wardex
