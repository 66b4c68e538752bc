// What every Store must do, whatever it is made of: the suites *_contract_test.cpp are instantiated for SQLite;
// PostgreSQL joins the list later.
#pragma once

#include "store_fixture.hpp"

namespace wardex::store::test {

class StoreContract : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { h.open(); }
  void TearDown() override {
    if (h.store) expect_balanced(*h.store);
  }
  Account account(const std::string& connector) { return h.store->totals().connectors[connector]; }
  std::vector<Seq> pending_seqs(const std::string& connector) {
    std::vector<Seq> seqs;
    for (const Pending& delivery : *h.pending(connector)) seqs.push_back(delivery.seq);
    return seqs;
  }

  TempDir dir;
  Harness h{dir.path()};
};

using Seqs = std::vector<Seq>;

}  // namespace wardex::store::test
