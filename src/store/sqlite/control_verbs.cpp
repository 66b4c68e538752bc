// control and resume: connectors held or drained by an operator.
#include "store/sqlite/verbs.hpp"

namespace wardex::store::sqlite {
namespace {

void append(Ledger& ledger, std::string action, const Control& control, std::string detail) {
  AuditRecord record;
  record.at = control.at;
  record.actor = control.actor;
  record.action = std::move(action);
  record.connector = control.connector;
  record.outcome = "ok";
  record.detail = std::move(detail);
  ledger.append(std::move(record));
}

class ControlVerb final : public Verb<Control> {
 public:
  ControlVerb(Control control, Done<Control> done) : Verb(std::move(done)), control_(std::move(control)) {}

 private:
  Control work(Ledger& ledger) override {
    control_.upto = ledger.newest_seq();
    const bool hold = control_.mode == Control::Mode::hold;
    const auto until = control_.until ? std::optional(to_iso(*control_.until)) : std::nullopt;
    ledger.database()
        .query(Sql::upsert_control)
        .run(control_.connector, hold ? "hold" : "drain", control_.upto, control_.actor, control_.reason,
             to_iso(control_.at), until);
    append(ledger, hold ? "hold" : "drain", control_, control_.reason + (until ? " (until " + *until + ")" : ""));
    return control_;
  }
  Control control_;
};

class Resume final : public Verb<Ok> {
 public:
  Resume(Control control, Done<Ok> done) : Verb(std::move(done)), control_(std::move(control)) {}

 private:
  Ok work(Ledger& ledger) override {
    ledger.database().query(Sql::delete_control).run(control_.connector);
    if (ledger.database().changes() == 0) {
      throw Refused{{Fault::conflict, "connector '" + control_.connector + "' is neither held nor drained"}};
    }
    append(ledger, "resume", control_, control_.reason);
    return {};
  }
  Control control_;
};

}  // namespace

std::unique_ptr<Operation> control(Control control, Done<Control> done) {
  return std::make_unique<ControlVerb>(std::move(control), std::move(done));
}

std::unique_ptr<Operation> resume(std::string connector, std::string actor, std::string reason, WallTime at,
                                  Done<Ok> done) {
  Control control;
  control.connector = std::move(connector);
  control.actor = std::move(actor);
  control.reason = std::move(reason);
  control.at = at;
  return std::make_unique<Resume>(std::move(control), std::move(done));
}

}  // namespace wardex::store::sqlite
