// SPDX-License-Identifier: Apache-2.0
//
// The judge of silos with watchdogs (watched.cpp, watched_server.cpp), and the supervisor who reads
// all of it in the audit. The most urgent silo.
#include "check.hpp"
#include "handles.hpp"
#include "watched.hpp"

using namespace conformance;
using abi::AuditCategory;
using abi::AuditLife;
using abi::FaultKind;

namespace {

const std::uint64_t kTime = Clock::to_ticks(watched::kTime);
/// How late the kernel may be.
const std::uint64_t kTolerance = Clock::to_ticks(2ms);

struct Stopped {
  std::uint64_t time = 0;  ///< by its watchdog, last
  unsigned times = 0;
};
Stopped stopped[32];
std::uint64_t started[32];
bool deadline_told = false, budget_told = false, quota_told = false;
std::uint32_t unknown = 0;

void read_audit() {
  for (auto record = handles::audit.read(); record.ok(); record = handles::audit.read()) {
    printf("# %s\n", audit_text(*record).text);
    switch (record->category) {
      case AuditCategory::Lifecycle: {
        const auto life = static_cast<AuditLife>(record->what);
        if (record->silo >= 32) break;
        if (life == AuditLife::Started) started[record->silo] = record->time;
        if (life != AuditLife::Faulted) break;
        const auto kind = static_cast<FaultKind>(record->detail);
        if (kind == FaultKind::Watchdog) {
          stopped[record->silo].time = record->time;
          ++stopped[record->silo].times;
        }
        if (kind == FaultKind::BudgetOverrun) budget_told = true;
        break;
      }
      case AuditCategory::Deadline: deadline_told = true; break;
      case AuditCategory::Quota: quota_told = true; break;
      case AuditCategory::Denial: break;
      case AuditCategory::Overrun: break;
      default: ++unknown; break;
    }
  }
}

bool is_caught(Silo silo) {
  const SiloStatus status = silo.status().value();
  return status.state == abi::SiloState::Faulted && status.fault == FaultKind::Watchdog &&
         status.fault_program_counter != 0;
}

void hung() {
  check(eventually([] { return is_caught(handles::loops); }), "a silo that loops from the beginning is stopped");
  check(eventually([] { return is_caught(handles::dodges); }), "and one that makes calls that do not wait");
  const Message last = handles::news.receive().value().message;
  check(eventually([] { return is_caught(handles::stops_waiting); }), "and one that has waited before");
  read_audit();
  const std::uint64_t after = stopped[watched::kSiloStopsWaiting].time - last.words[0];
  // It had been woken before, and waited for its turn.
  check(after >= kTime / 2 && after <= 2 * kTime + kTolerance, "within twice its time");
  printf("# after %" PRIu64 " of %" PRIu64 " ticks\n", after, kTime);
  const std::uint64_t loops = stopped[watched::kSiloLoops].time - started[watched::kSiloLoops];
  check(loops >= kTime && loops <= 2 * kTime + kTolerance, "so is one that has never waited");
}

void after_a_restart() {
  check(eventually([] {
          read_audit();
          return stopped[watched::kSiloComesBack].times == 2;
        }),
        "one that is started again has a watchdog again");
}

void in_a_call() {
  check(eventually([] { return is_caught(handles::hangs); }),
        "a server that hangs in a call by the fast path is stopped");
}

void healthy() {
  check(handles::kicks.status()->running(), "a silo that kicks and never waits is let be");
  check(handles::waits.status()->running(), "and one that waits for ever");
  check(handles::half.status()->running(), "and one with a thread that does");
  check(handles::calls.status()->running(), "and one that waits for answers by the fast path alone");
  check(handles::echo.status()->running(), "and its server");
  check(handles::calls.status()->messages_sent > 1000, "which has worked meanwhile");
}

}  // namespace

int main() {
  kick();  // without a watchdog it does nothing
  hung();
  after_a_restart();
  in_a_call();
  healthy();
  static_cast<void>(Port::create());
  check(eventually([] {
          read_audit();
          return deadline_told && budget_told && quota_told;
        }),
        "the audit tells of missed deadlines, overrun budgets and used-up quotas");
  check_equal(unknown, 0, "and of nothing unknown");
  check_equal(handles::audit.stats().value().dropped, 0, "and has lost nothing");
  return finish();
}
