// SPDX-License-Identifier: Apache-2.0
//
// Reads the audit only when the two silos that attack it have ended: its own denials, made during the attacks, must be
// there, and each denial of theirs must be a record, a repeat, or counted as lost. Ends with 0.
#include "denials.hpp"
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

struct Account {
  std::uint64_t first_call;
  std::uint64_t denials = 0;
  std::uint32_t silo = 0;
  bool is_known = false;
};

void book(Account& account, const AuditRecord& record) {
  if (record.category != abi::AuditCategory::Denial) return;
  if (!account.is_known && (record.what == account.first_call || record.what == account.first_call + 1)) {
    account.is_known = true;
    account.silo = record.silo;
  }
  if (account.is_known && record.silo == account.silo) account.denials += 1 + record.repeats + record.more;
}

bool both_have_ended() {
  return !handles::floods_audit.status()->running() && !handles::hides_denial.status()->running();
}

}  // namespace

int main() {
  std::uint64_t own = 0, found = 0;
  while (!both_have_ended()) {
    call_number(kHonestCall + own++ % 2);
    sleep_for(20ms);
  }
  call_number(kHonestCall + own++ % 2);
  Account flood{kFloodCall}, hidden{kCoverCall};
  for (auto record = handles::audit.read(); record; record = handles::audit.read()) {
    book(flood, *record);
    book(hidden, *record);
    if (record->what == kHonestCall || record->what == kHonestCall + 1) found += 1 + record->repeats + record->more;
  }
  holds(found == own, "a denial of the auditor is not in the audit");
  holds(flood.denials == kFloods, "a denial of the flood is unaccounted for");
  holds(hidden.denials == 2 * kCovers + 1, "the hidden denial is unaccounted for");
  printf("%" PRIu64 " own denials, %" PRIu64 " and %" PRIu64 " of the attackers\n", found, flood.denials,
         hidden.denials);
  return outcome();
}
