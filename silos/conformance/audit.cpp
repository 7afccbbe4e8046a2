// SPDX-License-Identifier: Apache-2.0
//
// The audit from the silo that may read it: its own denials, those of others, the life of silos, and a flood.
#include "audit.hpp"

#include <vector>

#include "check.hpp"
#include "handles.hpp"

using namespace conformance;
using abi::AuditCategory;
using abi::AuditLife;

namespace {

const Audit audit_log = handles::audit;

std::uint64_t limited = 0;  ///< records that say so of a silo that exceeded its rate

std::vector<AuditRecord> read_all() {
  std::vector<AuditRecord> all;
  for (auto record = audit_log.read(); record.ok(); record = audit_log.read()) all.push_back(*record);
  for (const AuditRecord& record : all)
    limited += record.detail == static_cast<std::uint64_t>(kRateExceeded.number()) ? 1 : 0;
  return all;
}
std::vector<AuditRecord> of(const std::vector<AuditRecord>& all, std::uint32_t silo) {
  std::vector<AuditRecord> some;
  for (const AuditRecord& record : all) {
    if (record.silo == silo) some.push_back(record);
  }
  return some;
}
const AuditRecord* find(const std::vector<AuditRecord>& all, AuditCategory category, std::uint64_t what) {
  for (const AuditRecord& record : all) {
    if (record.category == category && record.what == what) return &record;
  }
  return nullptr;
}
bool is_one(const std::vector<AuditRecord>& all, std::uint64_t call, Error error, abi::ObjectType object,
            std::uint64_t handle, AuditCategory category = AuditCategory::Denial) {
  return all.size() == 1 && all[0].category == category && all[0].what == call &&
         all[0].detail == static_cast<std::uint64_t>(error.number()) && all[0].object == object &&
         all[0].handle == handle;
}

void check_beginning(std::vector<AuditRecord>& all) {
  all = read_all();
  bool started = all.size() >= audit::kSilos;
  for (std::uint32_t silo = 0; started && silo < audit::kSilos; ++silo) {
    started = all[silo].silo == silo && all[silo].category == AuditCategory::Lifecycle &&
              all[silo].what == static_cast<std::uint64_t>(AuditLife::Started) && all[silo].sequence == silo + 1;
  }
  check(started, "N11 the first records are the beginnings of all silos, numbered from 1");
  printf("# %s\n", all.empty() ? "none" : audit_text(all[0]).text);
}

void check_own(Port port) {
  const auto own = [] { return of(read_all(), audit::kAuditor); };
  const Port client = port.duplicate(GRANARY_RIGHT_PORT_SEND).value();
  check_error(client.try_receive(), kNotPermitted, "N11 (a right is missing)");
  auto records = own();
  check(is_one(records, GRANARY_SYS_PORT_TRY_RECEIVE, kNotPermitted, abi::ObjectType::Port, client.value()),
        "N11 EPERM is recorded, with call, object and handle");
  if (!records.empty()) printf("# %s\n", audit_text(records[0]).text);
  check_error(Port(0x40).try_send({}), kBadHandle, "N11 (a handle that is none)");
  check(is_one(own(), GRANARY_SYS_PORT_TRY_SEND, kBadHandle, abi::ObjectType::None, 0x40), "N11 EBADF is recorded");
  static_cast<void>(Channel::create(5000));
  check(is_one(own(), GRANARY_SYS_CHAN_CREATE, kInvalidArgument, abi::ObjectType::None, 0), "N11 EINVAL is recorded");
  static_cast<void>(Port::create());
  check(is_one(own(), GRANARY_SYS_PORT_CREATE, kQuotaExceeded, abi::ObjectType::None, 0, AuditCategory::Quota),
        "N11 EDQUOT is recorded as the end of a quota");
  audit::call(audit::kHidden);
  check(is_one(own(), audit::kHidden, kNoSuchCall, abi::ObjectType::None, 0), "N11 ENOSYS is recorded");
  static_cast<void>(port.try_receive());
  static_cast<void>(port.receive(1ms));
  check(own().empty(), "N11 EAGAIN and ETIMEDOUT are answers, not denials");

  for (int i = 0; i < 100; ++i) static_cast<void>(Port(0x40).try_send({}));
  records = own();
  check(records.size() == 1 && records[0].repeats == 99, "N11 a hundred equal denials are one record that counts 99");
  const Audit blind = audit_log.duplicate(GRANARY_RIGHT_DUPLICATE).value();
  check_error(blind.read(), kNotPermitted, "N11 without its right the audit is not read");
  check(is_one(own(), GRANARY_SYS_AUDIT_READ, kNotPermitted, abi::ObjectType::Audit, blind.value()),
        "N11 and the attempt is recorded");
  check_error(blind.stats(), kNotPermitted, "N11 nor are its counts");
  static_cast<void>(own());
}

void check_flood() {
  const AuditStatistics before = audit_log.stats().value();
  static_cast<void>(handles::stop_offender.try_send({}));
  check(eventually([] { return handles::audit_offender.status()->state == abi::SiloState::Exited; }),
        "N11 (another silo floods the audit, and ends)");
  const AuditStatistics flooded = audit_log.stats().value();
  check(flooded.dropped > before.dropped, "N11 a flood finds its bound, and what was dropped is counted");
  check(flooded.unread < abi::kAuditCapacity / 2, "N11 long before the ring is full");
  static_cast<void>(Port(0x80).try_send({}));
  const auto all = read_all();
  check(is_one(of(all, audit::kAuditor), GRANARY_SYS_PORT_TRY_SEND, kBadHandle, abi::ObjectType::None, 0x80),
        "N11 another silo's denial is recorded all the same");
  const auto theirs = of(all, audit::kOffender);
  std::uint64_t accounted = 0, lost = 0;
  for (const AuditRecord& record : theirs) {
    if (record.category == AuditCategory::Lifecycle) continue;
    accounted += 1 + record.repeats + record.more;
    lost += record.more;
  }
  check_equal(accounted, audit::kFloodCalls + 1,
              "N11 every denial of the flood is a record, a repeat, or counted as lost");
  check_equal(lost, flooded.dropped - before.dropped, "N11 the lost ones are those that were dropped");
  bool ascends = true;
  std::uint64_t gaps = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    ascends = ascends && all[i].sequence > all[i - 1].sequence && all[i].time >= all[i - 1].time;
    gaps += all[i].sequence - all[i - 1].sequence - 1;
  }
  check(ascends, "N11 numbers and times ascend, no number twice");
  check_equal(gaps, flooded.dropped - before.dropped, "N11 gaps in the numbers are what was dropped");
  const AuditRecord* const exit = find(theirs, AuditCategory::Lifecycle, static_cast<std::uint64_t>(AuditLife::Exited));
  check(exit != nullptr && exit->detail == audit::kExitStatus,
        "N11 the end of the flooder is recorded, with its status");
  if (!theirs.empty()) printf("# %s\n", audit_text(theirs.back()).text);
}

void check_fault() {
  WaitSet set;
  static_cast<void>(set.add(audit_log));
  check(eventually([&] {  // silos of other cores may be refused meanwhile
          static_cast<void>(read_all());
          const auto polled = set.poll();
          return !polled.ok() && polled.error() == kWouldBlock;
        }),
        "N11 an audit without a record is not readable");
  static_cast<void>(handles::stop_victim.try_send({}));
  check_ok(set.wait(5s), "N11 who waits for the audit is told of the next record");
  check(eventually([] { return handles::audit_victim.status()->state == abi::SiloState::Faulted; }),
        "N11 (a silo is stopped by a fault)");
  const auto theirs = of(read_all(), audit::kVictim);
  const AuditRecord* const fault =
      find(theirs, AuditCategory::Lifecycle, static_cast<std::uint64_t>(AuditLife::Faulted));
  check(fault != nullptr && fault->detail == static_cast<std::uint64_t>(abi::FaultKind::Translation),
        "N11 the fault is recorded, with its kind");
  check(fault != nullptr && fault->more == 0x7'1234'0000, "N11 and its address");
}

}  // namespace

int main() {
  std::vector<AuditRecord> beginning;
  check_beginning(beginning);
  const Port port = Port::create().value();
  check_own(port);
  check_flood();
  check_fault();

  check(eventually([] {
          static_cast<void>(read_all());
          return limited != 0;
        }),
        "N10 a silo that exceeds its rate is in the audit");
  // Silos on other cores may go on being refused for a while.
  AuditStatistics now = {};
  check(eventually([&] {
          auto record = audit_log.read();
          while (record.ok()) record = audit_log.read();
          now = audit_log.stats().value();
          return record.error() == kWouldBlock && now.unread == 0;
        }),
        "N11 when all is read there is nothing to read");
  check(now.unread == 0 && now.recorded >= beginning.size(), "N11 and the counts say so");
  return finish();
}
