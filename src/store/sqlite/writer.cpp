#include "store/sqlite/writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace wardex::store::sqlite {
namespace {

// Bounds a transaction, and with it the delay of the operations behind it: some 100 ms.
constexpr std::size_t kTransactionWeight = 20'000;
const Error kClosed{Fault::closed, "the store is closed"};

}  // namespace

Writer::Writer(std::unique_ptr<Connection> database, KnownIds& known, Accounts& accounts, Health& health,
               const Options& options)
    : options_(options),
      known_(known),
      accounts_(accounts),
      health_(health),
      database_(std::move(database)),
      ledger_(*database_, known, accounts, options.now),
      checkpointer_(*database_),
      spare_(options.files, options.directory / kSpareSpaceName, options.spare_bytes),
      backup_(options) {
  ledger_.load();
  health_.loaded(ledger_.gauges());
  spare_.take();  // or later, when a probe finds room for it
}

Writer::~Writer() { close(); }

void Writer::start() {
  worker_ = options_.workers->start([this] { return step(); });
}

void Writer::submit(std::unique_ptr<Operation> operation) {
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) {
      queue_.push_back(std::move(operation));
      // Who finds others waiting knows that the writer has been woken for them.
      if (queue_.size() == 1) worker_->wake();
      return;
    }
  }
  Operations refused;
  refused.push_back(std::move(operation));
  refuse(std::move(refused), kClosed);
}

void Writer::backup(std::filesystem::path target, Done<Ok> done) {
  const std::lock_guard lock(mutex_);
  if (closing_) {
    options_.post([done = std::move(done)] { done(kClosed); });
  } else if (backup_.request(std::move(target), std::move(done))) {
    worker_->wake();
  }
}

void Writer::recovered(Window window, RowCounts rows) {
  const std::lock_guard lock(mutex_);
  recovered_ = Recovered{std::move(window), std::move(rows)};
  worker_->wake();
}

void Writer::recovery_failed(const Error& error) {
  announce_if_new(error);
  worker_->wake();
}

void Writer::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  if (worker_) worker_->finish();
}

std::optional<MonoTime> Writer::step() {
  std::optional<Recovered> recovered;
  Operations operations;
  bool closing = false;
  {
    const std::lock_guard lock(mutex_);
    recovered = std::exchange(recovered_, std::nullopt);
    operations = take();
    closing = closing_;
  }
  if (closing && !recovered && operations.empty()) {
    shut_down();
    return std::nullopt;
  }
  const bool idle = !recovered && operations.empty() && !backup_.has_work();
  if (recovered) adopt(std::move(*recovered));
  probe_space_if_due();
  if (!operations.empty()) cycle(std::move(operations));
  backup_.step(*database_);
  if (idle) {
    checkpoint_if_idle();
  } else {
    idle_at_ = options_.mono() + options_.idle_after;
  }
  return rest();
}

MonoTime Writer::rest() {
  {
    const std::lock_guard lock(mutex_);
    if (closing_ || recovered_ || !queue_.empty()) return kAtOnce;
  }
  if (backup_.has_work() || (!deferred_.empty() && deferral_is_over())) return kAtOnce;
  if (const auto fault = health_.fault()) return fault->fault == Fault::full ? next_probe_ : kWhenWoken;
  return checkpointer_.has_work() ? idle_at_ : kWhenWoken;
}

void Writer::checkpoint_if_idle() {
  const auto now = options_.mono();
  if (now < idle_at_ || health_.fault() || !checkpointer_.has_work()) return;
  guard([this] { checkpointer_.when_idle(); });
  idle_at_ = now + options_.idle_after;  // a reader may have been in the way
}

/// The known ids are there, or never will be.
bool Writer::deferral_is_over() const {
  if (health_.ready) return true;
  const auto fault = health_.fault();
  return fault && fault->fault != Fault::full;
}

Writer::Operations Writer::take() {
  Operations taken;
  std::size_t weight = 0;
  const bool over = deferral_is_over();
  while (over && !deferred_.empty() && weight < kTransactionWeight) {
    weight += deferred_.front()->weight();
    taken.push_back(std::move(deferred_.front()));
    deferred_.pop_front();
  }
  while (!queue_.empty() && weight < kTransactionWeight) {
    std::unique_ptr<Operation> next = std::move(queue_.front());
    queue_.pop_front();
    // While any accept waits, those after it wait behind it: the order of acceptance is the order of arrival.
    if (next->needs_known_ids() && (!over || !deferred_.empty())) {
      deferred_.push_back(std::move(next));
      continue;
    }
    weight += next->weight();
    taken.push_back(std::move(next));
  }
  return taken;
}

void Writer::cycle(Operations operations) {
  if (const auto fault = health_.fault()) operations = freeing(std::move(operations), *fault);
  if (operations.empty()) return;
  std::vector<std::optional<Error>> errors(operations.size());
  const auto started = options_.mono();
  try {
    ledger_.begin();
    for (std::size_t i = 0; i < operations.size(); ++i) errors[i] = apply(*operations[i]);
    ledger_.commit();
    health_.committed(std::chrono::duration_cast<std::chrono::microseconds>(options_.mono() - started),
                      ledger_.gauges());
  } catch (const Failure& failure) {
    ledger_.undo();
    Judgement judgement = judge(failure);
    if (judgement.lasting) lasting_fault(judgement.error);
    for (auto& error : errors) {
      if (!error) error = judgement.error;
    }
  }
  post(std::move(operations), std::move(errors));
  // Not after a fault: a checkpoint writes and syncs too. What was freed on a full disk makes room at once, for the
  // next of its kind.
  const auto fault = health_.fault();
  if (!fault) guard([this] { checkpointer_.after_commit(); });
  if (fault && fault->fault == Fault::full) guard([this] { checkpointer_.when_idle(); });
}

Writer::Operations Writer::freeing(Operations operations, const Error& fault) {
  if (fault.fault != Fault::full) {
    refuse(std::move(operations), fault);
    return {};
  }
  const auto others = std::stable_partition(operations.begin(), operations.end(),
                                            [](const auto& operation) { return operation->frees_space(); });
  Operations refused(std::make_move_iterator(others), std::make_move_iterator(operations.end()));
  operations.erase(others, operations.end());
  refuse(std::move(refused), fault);
  return operations;
}

std::optional<Error> Writer::apply(Operation& operation) {
  ledger_.begin_verb();
  std::optional<Error> error;
  try {
    operation.apply(ledger_);
  } catch (const Refused& refused) {
    error = refused.error;
  } catch (const Failure& failure) {
    Judgement judgement = judge(failure);
    if (judgement.lasting || !database_->in_transaction()) throw;
    error = std::move(judgement.error);
  } catch (const std::exception& bug) {
    error = Error{Fault::conflict, std::string("internal error in the store: ") + bug.what()};
  }
  if (error) {
    ledger_.undo_verb();
  } else {
    ledger_.keep_verb();
  }
  return error;
}

void Writer::refuse(Operations operations, const Error& error) {
  std::vector<std::optional<Error>> errors(operations.size(), error);
  post(std::move(operations), std::move(errors));
}

void Writer::post(Operations operations, std::vector<std::optional<Error>> errors) {
  if (operations.empty()) return;
  auto shared = std::make_shared<Operations>(std::move(operations));
  options_.post([shared, errors = std::move(errors)] {
    for (std::size_t i = 0; i < shared->size(); ++i) {
      (*shared)[i]->finish(errors[i] ? &*errors[i] : nullptr);
    }
  });
}

void Writer::adopt(Recovered recovered) {
  known_.replace(std::move(recovered.window));
  accounts_.recounted(recovered.rows);
  health_.ready = true;
}

/// Work between transactions: what fails there decides whether the store may still write.
void Writer::guard(const std::function<void()>& work) {
  try {
    work();
  } catch (const Failure& failure) {
    Judgement judgement = judge(failure);
    if (judgement.lasting) lasting_fault(judgement.error);
  }
}

void Writer::lasting_fault(const Error& error) {
  if (!announce_if_new(error)) return;
  next_probe_ = options_.mono() + options_.space_probe_every;
  if (error.fault == Fault::full) spare_.release();
}

bool Writer::announce_if_new(const Error& error) {
  const bool is_new = health_.set_fault(error);
  if (is_new) announce(error);
  return is_new;
}

void Writer::announce(std::optional<Error> fault) {
  if (options_.on_fault) options_.post([tell = options_.on_fault, fault = std::move(fault)] { tell(fault); });
}

// Two commits, so that the space is really taken and really given back. Folding the WAL in first lets it start over,
// which is all the space there may be. The space kept aside must be there again as well, or the next full disk would
// find none.
void Writer::probe_space_if_due() {
  static const std::string kBallast(64 << 10, '.');
  const auto fault = health_.fault();
  const auto now = options_.mono();
  if (!fault || fault->fault != Fault::full || now < next_probe_) return;
  next_probe_ = now + options_.space_probe_every;
  guard([this] {
    try {
      checkpointer_.when_idle();
      if (!spare_.take()) return;
      database_->query(Sql::set_meta).run("space_probe", kBallast);
      database_->query(Sql::delete_meta).run("space_probe");
      if (health_.space_returned()) announce(std::nullopt);
    } catch (...) {
      database_->rollback();
      spare_.release();
      throw;
    }
  });
}

void Writer::shut_down() {
  Operations waiting;
  for (auto& operation : deferred_) waiting.push_back(std::move(operation));
  deferred_.clear();
  refuse(std::move(waiting), kClosed);
  backup_.close();
  if (const auto fault = health_.fault()) {
    // The last connection to close would fold the WAL in; on a broken disk that is left to the next start.
    if (fault->fault != Fault::full) database_->keep_wal_on_close();
    return;
  }
  // Without a finished recovery an unclean stop has not been checked yet: the next start must do it.
  if (!health_.ready) return;
  guard([this] {
    database_->query(Sql::set_meta).run("clean_shutdown", "1");
    checkpointer_.when_idle();
  });
}

}  // namespace wardex::store::sqlite
