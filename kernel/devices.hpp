// SPDX-License-Identifier: Apache-2.0
//
// Pages of devices that silos have: mapped at boot as Device-nGnRE memory, read-write, never executable, for as long as
// the system runs. Which pages may be given at all is the boot layer's to judge (boot/device_resources.hpp): it knows
// the machine; here is known what has been given already.
//
// INVARIANT: a page of a device is one silo's at most.
#pragma once

#include <span>

#include "kernel/address_space.hpp"
#include "kernel/system.hpp"

namespace kernel {

class Silo;

struct GivenDevice {
  base::SiloId silo;
  AddressRange range;               ///< where its pages are in the silo
  base::PhysicalAddress registers;  ///< the device's first register
  std::uint64_t bytes;              ///< of registers
  Board board;
  base::FixedName name;
};

std::span<const GivenDevice> given_devices();
/// The device of the silo that has the address in its pages; null if there is none.
const GivenDevice* device_at(base::SiloId silo, base::SiloAddress address);
/// At boot. EINVAL no such pages, or not there in the silo; EEXIST a page is some silo's, or the address is taken;
/// ENOSPC too many; ENOMEM.
base::Result<void> give_device(Unlocked, Silo& silo, const DeviceDescription& description);
/// Start of boot: none is given.
void forget_devices();

}  // namespace kernel
