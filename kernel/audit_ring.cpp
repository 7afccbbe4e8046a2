// SPDX-License-Identifier: Apache-2.0
//
// The audit's ring: see audit_ring.hpp. Constant time.
#include "kernel/audit_ring.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kCategoryMask = 0xff;

std::uint64_t subject_of(base::SiloId silo, const AuditEvent& event) {
  return silo.value() | static_cast<std::uint64_t>(event.category) << abi::kAuditCategoryShift |
         static_cast<std::uint64_t>(event.object) << abi::kAuditObjectShift;
}

abi::AuditCategory category_of(const abi::AuditRecord& record) {
  return static_cast<abi::AuditCategory>(record.subject >> abi::kAuditCategoryShift & kCategoryMask);
}

bool is_alike(const abi::AuditRecord& record, const AuditEvent& event) {
  return category_of(record) == event.category && record.what == event.what && record.detail == event.detail;
}

}  // namespace

void AuditRing::begin(std::span<abi::AuditRecord> memory) {
  memory_ = memory;
  set_shares(kSilosMaximum);
  written_ = read_ = sequence_ = dropped_ = repeats_ = 0;
  for (OfSilo& silo : silos_) silo = OfSilo{};
}

bool AuditRing::record(base::SiloId id, const AuditEvent& event, base::Ticks now) {
  if (!has_memory()) return false;
  OfSilo& silo = silos_[id.value()];
  const bool is_life = event.category == abi::AuditCategory::Lifecycle;
  if (!is_life && silo.unread != 0 && is_alike(at(silo.last), event)) {
    ++at(silo.last).repeats;
    ++repeats_;
    return false;
  }
  const std::uint64_t sequence = ++sequence_;
  const std::uint32_t limit = is_life ? share_ : share_ - kKeptForLifecycle;
  if (silo.unread >= limit || written_ - read_ == memory_.size()) {
    ++dropped_;
    if (silo.unread != 0 && category_of(at(silo.last)) != abi::AuditCategory::Lifecycle) ++at(silo.last).more;
    return false;
  }
  at(written_) = {sequence, now.value(), subject_of(id, event), event.what, event.detail, event.handle, 0, event.more};
  silo.last = written_++;
  ++silo.unread;
  return true;
}

std::optional<abi::AuditRecord> AuditRing::take() {
  if (is_empty()) return std::nullopt;
  const abi::AuditRecord record = at(read_++);
  --silos_[static_cast<std::uint32_t>(record.subject)].unread;
  return record;
}

}  // namespace kernel
