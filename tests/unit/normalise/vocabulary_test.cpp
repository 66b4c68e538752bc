#include "normalise/vocabulary.hpp"

#include <gtest/gtest.h>

namespace wardex::normalise {
namespace {

TEST(Vocabulary, SeveritiesOfEveryWardexField) {
  const std::pair<const char*, Severity> rows[] = {{"Critical", Severity::critical},
                                                   {"Severe", Severity::high},
                                                   {"Elevated", Severity::medium},
                                                   {"Nominal", Severity::info},
                                                   {"High", Severity::high},
                                                   {"Medium", Severity::medium},
                                                   {"Low", Severity::low},
                                                   {"Info", Severity::info},
                                                   {"warning", Severity::medium},
                                                   {"P1", Severity::critical},
                                                   {"P2", Severity::high},
                                                   {"P3", Severity::medium},
                                                   {"P4", Severity::low},
                                                   {"P5", Severity::info},
                                                   {" informational ", Severity::info},
                                                   {"SEV1", Severity::critical}};
  for (const auto& [word, severity] : rows) EXPECT_EQ(severity_word(word), severity) << word;
  EXPECT_EQ(severity_word("apocalyptic"), std::nullopt);
  EXPECT_EQ(severity_word(""), std::nullopt);
}

TEST(Vocabulary, NumbersAscendForSeverityAndDescendForPriority) {
  const Severity ascending[] = {Severity::info, Severity::low, Severity::medium, Severity::high, Severity::critical};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(severity_number(i + 1), ascending[i]);
    EXPECT_EQ(priority_number(5 - i), ascending[i]);
  }
  for (const double odd : {0.0, 6.0, 2.5, -1.0, 1e300}) {
    EXPECT_EQ(severity_number(odd), std::nullopt) << odd;
    EXPECT_EQ(priority_number(odd), std::nullopt) << odd;
  }
}

TEST(Vocabulary, Statuses) {
  const std::pair<const char*, Status> rows[] = {{"New", Status::new_},
                                                 {"open", Status::new_},
                                                 {"Triaging", Status::triage},
                                                 {"triage", Status::triage},
                                                 {"Investigating", Status::investigating},
                                                 {"In Progress", Status::investigating},
                                                 {"in_progress", Status::investigating},
                                                 {"Escalated", Status::escalated},
                                                 {"Resolved", Status::resolved},
                                                 {"Closed", Status::closed},
                                                 {"False-Positive", Status::closed}};
  for (const auto& [word, status] : rows) EXPECT_EQ(status_word(word), status) << word;
  EXPECT_EQ(status_word("limbo"), std::nullopt);
}

TEST(Vocabulary, CanonicalNamesAreWordsOfTheirOwn) {
  for (const auto severity : kSeverities) EXPECT_EQ(severity_word(to_string(severity)), severity);
  for (const auto status : kStatuses) EXPECT_EQ(status_word(to_string(status)), status);
  for (const auto kind : kKinds) EXPECT_EQ(kind_word(to_string(kind)), kind);
}

TEST(Vocabulary, Actions) {
  EXPECT_EQ(action_word("Create"), "created");
  EXPECT_EQ(action_word("opened"), "created");
  EXPECT_EQ(action_word("re-opened"), "reopened");
  EXPECT_EQ(action_word("close"), "closed");
  EXPECT_EQ(action_word("comment_added"), "comment_added");
  EXPECT_EQ(action_word("<script>"), std::nullopt);
  EXPECT_EQ(action_word(std::string(65, 'a')), std::nullopt);
  EXPECT_EQ(action_word(""), std::nullopt);
}

}  // namespace
}  // namespace wardex::normalise
