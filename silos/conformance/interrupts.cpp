// SPDX-License-Identifier: Apache-2.0
//
// Interrupt lines and devices: bound, fired, finished by waiting or by saying so, unbound, and what ends with what.
// Manifest: an interrupt `line` and its device `device` (driver.hpp), quota of two notifications, a region `frames`.
#include "check.hpp"
#include "driver.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

constexpr std::uint64_t kFired = 0b1, kOther = 0b10;
Notification word;

void device_itself(const DeviceInfo& info) {
  check(info.registers - devices::device.address < devices::device.size && info.bytes != 0,
        "Q1 the device is where the header says");
  check_equal(info.registers % 4096, info.physical % 4096, "as far into its page as in physical memory");
  check_error((Device{0x10000, 4096}).info(), kNotFound, "what is no device is none");
}

void bound_and_fired(const driver::FiringDevice& device) {
  check(handles::line.info().value().type == abi::ObjectType::Interrupt, "a handle of that type");
  check_error(handles::line.unbind(), kNotFound, "a line is not bound at the beginning");
  device.quieten();
  device.fire();
  check_error(word.wait(kFired, 5ms), kTimedOut, "and does not fire then");
  device.quieten();
  check_error(handles::line.bind(word, 0), kInvalidArgument, "no bits is refused");
  check_ok(handles::line.bind(word, kFired), "Q3 it is bound");
  check_error(handles::line.bind(word, kOther), kExists, "once");
  check_error(word.wait(kFired, 5ms), kTimedOut, "a quiet device does not fire");
  device.fire();
  check_equal(word.wait(kFired, 2s).value(), kFired, "Q4 it fires when its device says so");
  check_equal(handles::line.statistics().value().fired, 1, "which is counted");
  sleep_for(2ms);
  check_equal(handles::line.statistics().value().fired, 1, "and stays silent while the driver works");
  device.quieten();
  check_error(word.wait(kFired, 5ms), kTimedOut, "quieted, it does not fire again");
}

void finished_by_waiting(const driver::FiringDevice& device) {
  const std::uint64_t before = handles::line.statistics().value().fired;
  for (int i = 0; i < 10; ++i) {
    device.fire();
    if (word.wait(kFired, 2s).value() != kFired) break;
    device.quieten();
  }
  check_equal(handles::line.statistics().value().fired - before, 10, "waiting again lets it fire again");
  check_error(word.wait(kFired, 2ms), kTimedOut, "and there is nothing left of it");
  device.fire();
  check_equal(word.wait(kFired, 2s).value(), kFired, "one that was not quieted");
  check_equal(word.wait(kFired, 2s).value(), kFired, "fires again when it is waited for");
  device.quieten();
  check_error(word.try_wait(kOther), kWouldBlock, "waiting for something else");
  device.fire();
  sleep_for(2ms);
  check_error(word.try_wait(kFired), kWouldBlock, "does not finish it");
  check_equal(word.wait(kFired, 2s).value(), kFired, "waiting for its bit does");
  device.quieten();
  check_error(word.wait(kFired, 2ms), kTimedOut, "and it is quiet");
}

void not_finished_before_it_is_seen(const driver::FiringDevice& device) {
  const std::uint64_t before = handles::line.statistics().value().fired;
  device.fire();
  sleep_for(2ms);
  check_equal(word.wait(kFired, 2s).value(), kFired, "what fired before the wait is taken by it");
  sleep_for(2ms);
  check_equal(handles::line.statistics().value().fired - before, 1, "and that wait does not finish it");
  device.quieten();
  check(handles::line.finish().value(), "finish() says that it had fired");
  check(!handles::line.finish().value(), "once");
  device.fire();
  WaitSet set;
  check_ok(set.add(word), "a driver can wait by a set");
  check_ok(set.wait(2s), "which is told of it");
  check_equal(word.try_wait(kFired).value(), kFired, "and takes the bit");
  device.quieten();
  check(handles::line.finish().value(), "it says that it has finished");
}

void ends(const driver::FiringDevice& device) {
  check_ok(handles::line.unbind(), "it is unbound");
  device.fire();
  check_error(word.wait(kFired, 5ms), kTimedOut, "and is off");
  check_ok(handles::line.bind(word, kFired), "it is bound again while its device wants something");
  check_equal(word.wait(kFired, 2s).value(), kFired, "and fires");
  check_ok(handles::line.unbind(), "unbound before it was finished");
  device.quieten();
  check_ok(handles::line.bind(word, kFired), "it is bound once more");
  device.fire();
  check_equal(word.wait(kFired, 2s).value(), kFired, "and fires");
  device.quieten();
  Notification second = Notification::create().value();
  check_ok(handles::line.unbind(), "it is unbound");
  check_ok(handles::line.bind(second, kOther), "for another notification");
  device.fire();
  check_equal(second.wait(kOther, 2s).value(), kOther, "which it signals");
  check_ok(second.close(), "when that ends");
  check_error(handles::line.unbind(), kNotFound, "the line is not bound any more");
  device.quieten();
  const Notification third = Notification::create().value();
  const Notification waiter = third.duplicate(GRANARY_RIGHT_NOTIFICATION_WAIT).value();
  check_ok(handles::line.bind(third, kFired), "a line keeps its notification able to be signalled");
  check_ok(Notification(third).close(), "though nobody else can signal it");
  device.fire();
  check_equal(waiter.wait(kFired, 2s).value(), kFired, "the waiter is told");
  device.quieten();
  check_ok(handles::line.unbind(), "without the line");
  check_error(waiter.wait(kFired, 2s), kPeerGone, "nobody can signal it");
}

void memory_for_devices() {
  granary_region_physical_result place;
  check_status(granary_region_physical(handles::frames.value(), 1, &place), GRANARY_OK, "Q6 where a region's page is");
  check_equal(place.pages_in_a_row, 3, "and how many follow it");
  granary_region_physical_result first;
  check_status(granary_region_physical(handles::frames.value(), 0, &first), GRANARY_OK, "the first one");
  check_equal(first.physical_address + 4096, place.physical_address, "they follow one another");
  check_status(granary_region_physical(handles::frames.value(), 4, &place), GRANARY_EINVAL, "a page that is not there");
  check_status(granary_region_physical(handles::plain.value(), 0, &place), GRANARY_EPERM, "Q6 only with the right");
}

}  // namespace

int main() {
  const DeviceInfo info = devices::device.info().value();
  const driver::FiringDevice device(info.registers, info.board);
  device.unmask();
  word = Notification::create().value();
  device_itself(info);
  bound_and_fired(device);
  finished_by_waiting(device);
  not_finished_before_it_is_seen(device);
  ends(device);
  memory_for_devices();
  device.mask();
  return finish();
}
