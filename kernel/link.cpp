// SPDX-License-Identifier: Apache-2.0
//
// Links with a deadline: see link.hpp. A thread that waits is not told apart by anything it carries: its registers are
// still those of its call, so its handle leads to the capability and that to the link, and what the call asked for says
// whose the deadline was.
#include "kernel/link.hpp"

#include "kernel/audit.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"

namespace kernel {

namespace {

struct Link {
  base::SiloId silo;
  std::uint32_t slot = 0;
  base::Ticks deadline;
  std::uint64_t missed = 0;
};

struct Links {
  std::uint32_t count = 0;
  Link link[abi::kLinksMaximum] = {};
};
constinit Links links;
static_assert(abi::kLinksMaximum <= 255, "a number of a link is a byte, and 0 is none");

Link& link_of(LinkNumber number) { return links.link[number - 1]; }

}  // namespace

void forget_links() { links.count = 0; }

base::Result<LinkNumber> make_link(base::SiloId silo, std::uint32_t slot, std::uint32_t microseconds) {
  if (microseconds == 0) return LinkNumber{0};
  if (microseconds < abi::kLinkDeadlineMinimum || microseconds > abi::kLinkDeadlineMaximum) return base::Error::EINVAL;
  const base::Ticks deadline(port::clock_frequency() * microseconds / 1'000'000);
  for (std::uint32_t i = 0; i < links.count; ++i) {
    if (links.link[i].silo == silo && links.link[i].slot == slot) return static_cast<LinkNumber>(i + 1);
  }
  if (links.count == abi::kLinksMaximum) return base::Error::ENOSPC;
  links.link[links.count++] = {silo, slot, deadline, 0};
  return static_cast<LinkNumber>(links.count);
}

std::uint64_t missed_deadlines(LinkNumber number) { return number == 0 ? 0 : link_of(number).missed; }

base::Ticks deadline_through(LinkNumber number, base::Ticks asked) {
  if (number == 0 || asked.value() == abi::kDeadlineDoNotBlock) return asked;
  const base::Ticks latest = port::now() + link_of(number).deadline;
  return latest < asked ? latest : asked;
}

void note_deadline(Thread& thread, base::Ticks expired) {
  const BlockedOn operation = thread.blocked_on();
  if (operation != BlockedOn::Call && operation != BlockedOn::Send && operation != BlockedOn::Receive) return;
  const Arguments arguments(thread);
  if (!takes_handle(arguments.number()) || arguments.deadline() <= expired) return;  // it is what it asked for
  const auto capability = thread.silo().capabilities.lookup(arguments.handle());
  if (!capability.ok() || capability.value()->link == 0) return;
  ++link_of(capability.value()->link).missed;
  audit_missed_deadline(thread);
}

}  // namespace kernel
