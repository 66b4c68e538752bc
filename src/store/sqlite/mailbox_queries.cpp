// Reading the failure mailbox: walks that end after a bounded number of entries, and groups counted along an index.
#include <algorithm>
#include <limits>

#include "store/sqlite/queries.hpp"
#include "store/sqlite/rows.hpp"

namespace wardex::store::sqlite {
namespace {

constexpr std::size_t kMostRows = 10'000;    // of one answer, whatever the caller asks for
constexpr std::size_t kMostLooks = 100'000;  // entries looked at for one answer: some 100 ms
constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();

/// Where the entries are found, and what is still to be compared.
class Walk {
 public:
  Walk(Connection& database, const MailboxFilter& filter, const KnownIds::Place& place)
      : database_(database), filter_(filter), upto_(filter.upto_id > 0 ? filter.upto_id : kNoBound) {
    if (!filter.event_id.empty()) seq_ = find_event(database, filter.event_id, place);
    if (filter.since) since_ = to_iso(*filter.since);
    if (filter.until) until_ = to_iso(*filter.until);
  }

  /// Shows `visit` the entries that fit, oldest first, until it returns false. What to go on after, 0 at the end.
  template <class Visit>
  std::int64_t run(const Visit& visit) {
    if (!filter_.ids.empty()) return by_id(visit);
    if (!filter_.event_id.empty() && !seq_) return 0;
    Query row = begin();
    for (std::size_t looks = 0; row.step(); ++looks) {
      const std::int64_t id = row.integer(0);
      if (looks == kMostLooks) return last_;
      if (fits(row) && !visit(row)) return last_;
      last_ = id;
    }
    return 0;
  }

 private:
  Query begin() {
    const auto start = [this](Sql sql, const auto&... key) {
      Query row = database_.query(sql);
      row.with(filter_.after_id, upto_, key...);
      return row;
    };
    last_ = filter_.after_id;
    if (seq_) return start(Sql::list_mailbox_by_seq, *seq_);
    if (!filter_.fingerprint.empty()) return start(Sql::list_mailbox_by_fingerprint, filter_.fingerprint);
    if (!filter_.connector.empty()) return start(Sql::list_mailbox_by_connector, filter_.connector);
    return start(Sql::list_mailbox);
  }

  template <class Visit>
  std::int64_t by_id(const Visit& visit) {
    std::vector<std::int64_t> ids = filter_.ids;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    last_ = filter_.after_id;
    for (const std::int64_t id : ids) {
      if (id <= filter_.after_id || id > upto_) continue;
      Query row = database_.query(Sql::mailbox_by_id);
      if (row.with(id).step() && fits(row) && !visit(row)) return last_;
      last_ = id;
    }
    return 0;
  }

  // Columns as WARDEX_MAILBOX_COLUMNS lists them.
  [[nodiscard]] bool fits(const Query& row) const {
    const auto same = [&row](int column, const std::string& wanted) {
      return wanted.empty() || row.text(column) == wanted;
    };
    if (!same(1, filter_.connector) || !same(8, filter_.fingerprint) || !same(6, filter_.cause)) return false;
    if (!same(4, filter_.case_id) || !same(3, filter_.event_id)) return false;
    if (filter_.at_least && parse_severity(row.text(5)).value_or(Severity::info) < *filter_.at_least) return false;
    // Times of one form and length compare as text.
    return (since_.empty() || row.text(10) >= since_) && (until_.empty() || row.text(10) < until_);
  }

  Connection& database_;
  const MailboxFilter& filter_;
  std::int64_t upto_;
  std::optional<Seq> seq_;
  std::string since_;
  std::string until_;
  std::int64_t last_ = 0;
};

std::optional<MailboxEntry> entry_by_id(Connection& database, std::int64_t id) {
  Query row = database.query(Sql::mailbox_by_id);
  if (!row.with(id).step()) return std::nullopt;
  return mailbox_entry(row);
}

struct GroupKey {
  std::string connector;
  std::string fingerprint;
  std::string severity;
};

bool next_key(Connection& database, GroupKey& key) {
  Query row = database.query(Sql::next_mailbox_group);
  if (!row.with(key.connector, key.fingerprint, key.severity).step()) return false;
  key = {row.string(0), row.string(1), row.string(2)};
  return true;
}

/// The entries of one severity, into their group.
void add(Connection& database, const GroupKey& key, MailboxGroup& group, std::int64_t& last_id) {
  Query row = database.query(Sql::count_mailbox_group);
  if (!row.with(key.connector, key.fingerprint, key.severity).step()) return;
  const std::int64_t first = row.integer(1);
  group.count += static_cast<std::uint64_t>(row.integer(0));
  group.first_id = group.first_id == 0 ? first : std::min(group.first_id, first);
  last_id = std::max(last_id, row.integer(2));
  group.worst = std::max(group.worst, parse_severity(key.severity).value_or(Severity::info));
}

/// What the index does not know: the example, and when.
void describe(Connection& database, MailboxGroup& group, std::int64_t last_id) {
  if (const auto first = entry_by_id(database, group.first_id)) {
    group.cause = first->cause;
    group.reason = first->reason;
    group.first_at = first->at;
  }
  if (const auto last = entry_by_id(database, last_id)) group.last_at = last->at;
}

}  // namespace

MailboxPage read_mailbox(Connection& database, const MailboxFilter& filter, const KnownIds::Place& place) {
  const Snapshot snapshot(database);
  const std::size_t limit = std::clamp<std::size_t>(filter.limit, 1, kMostRows);
  MailboxPage page;
  page.next_after = Walk(database, filter, place).run([&](const Query& row) {
    if (page.entries.size() == limit) return false;
    page.entries.push_back(mailbox_entry(row));
    return true;
  });
  return page;
}

MailboxSum read_mailbox_sum(Connection& database, const MailboxFilter& filter, const KnownIds::Place& place) {
  const Snapshot snapshot(database);
  MailboxSum sum;
  std::map<std::string, std::uint64_t, std::less<>> connectors;
  sum.next_after = Walk(database, filter, place).run([&](const Query& row) {
    if (sum.entries++ == 0) sum.oldest = optional_time(row.text(10));
    const std::string_view connector = row.text(1);
    auto found = connectors.find(connector);
    if (found == connectors.end()) found = connectors.emplace(connector, 0).first;
    ++found->second;
    sum.last_id = row.integer(0);
    return true;
  });
  sum.connectors = {connectors.begin(), connectors.end()};
  return sum;
}

MailboxGroups read_mailbox_groups(Connection& database, const MailboxGroupFilter& filter) {
  const Snapshot snapshot(database);
  const std::size_t limit = std::clamp<std::size_t>(filter.limit, 1, kMostRows);
  // After the last severity of a group comes the next group: no severity sorts behind this one.
  GroupKey key{filter.after.first, filter.after.second, filter.after.second.empty() ? "" : "~"};
  if (key.connector < filter.connector) key = {filter.connector, "", ""};
  MailboxGroups found;
  MailboxGroup group;
  std::int64_t last_id = 0;
  const auto close = [&] {
    if (group.count > 0) {
      describe(database, group, last_id);
      if (filter.cause.empty() || group.cause == filter.cause) found.groups.push_back(std::move(group));
    }
    group = {};
    last_id = 0;
  };
  while (next_key(database, key)) {
    if (!filter.connector.empty() && key.connector != filter.connector) break;
    if (key.connector != group.connector || key.fingerprint != group.fingerprint) {
      const std::pair previous{group.connector, group.fingerprint};
      close();
      if (found.groups.size() == limit) {
        found.next_after = previous;
        return found;
      }
      group.connector = key.connector;
      group.fingerprint = key.fingerprint;
    }
    const auto severity = parse_severity(key.severity).value_or(Severity::info);
    if (!filter.at_least || severity >= *filter.at_least) add(database, key, group, last_id);
  }
  close();
  return found;
}

std::map<std::string, WallTime> read_mailbox_oldest(Connection& database) {
  const Snapshot snapshot(database);
  std::map<std::string, WallTime> oldest;
  for (std::string connector;;) {
    {
      Query row = database.query(Sql::next_connector_mailbox);
      if (!row.with(connector).step()) return oldest;
      connector = row.string(0);
    }
    Query row = database.query(Sql::oldest_in_mailbox);
    if (row.with(connector).step()) oldest.emplace(connector, optional_time(row.text(0)).value_or(WallTime{}));
  }
}

}  // namespace wardex::store::sqlite
