// SPDX-License-Identifier: Apache-2.0
//
// SYSTEM_REPLACE's work on the silo's core (silo_images.hpp): verifying the image in steps, whatever the silo does
// meanwhile; then the silo ends as for a restart, and its beginning loads that one.
#include "kernel/audit.hpp"
#include "kernel/console.hpp"
#include "kernel/core.hpp"
#include "kernel/silo.hpp"
#include "kernel/silo_restart.hpp"

namespace kernel {

void Core::answer_replacers(Silo& silo, base::Error why) {
  ipc::WakeList wakes;
  while (ipc::Party* const party = silo.images.replacers.pop_front()) {
    ipc::complete(*party, why);
    wakes.push_back(*party);
  }
  wake(wakes);
}

void drop_image_request(Core& core, Silo& silo, base::Error why) {
  if (!silo.images.is_wanted) return;
  silo.images.is_wanted = false;
  core.answer_replacers(silo, why);
}

/// One step. It is off the list when there is nothing else that it is there for.
void Core::look_at_image(Silo& silo) {
  SiloImages& images = silo.images;
  const auto checked = images.is_checked ? base::Result<void>{} : check_some(silo);
  if (!checked.ok() && checked.error() == base::Error::EAGAIN) return;
  if (checked.ok()) {
    if (silo.life.phase != SiloLife::Phase::Loading) restart_with_image(silo);
    return;
  }
  audit_life(*this, silo, abi::AuditLife::ImageRefused, images.wanted, images.wanted_by);
  const bool is_contract = checked.error() == base::Error::EPROTOTYPE;
  log("silo {} goes on with image {}: image {} {}", silo.name.view(), images.image[images.current]->name.view(),
      images.image[images.wanted]->name.view(),
      is_contract ? "was built with another contract than the system has" : "is damaged");
  note_console();
  drop_image_request(*this, silo, checked.error());
  const bool is_done = silo.life.phase == SiloLife::Phase::Up || silo.life.phase == SiloLife::Phase::Down;
  if (is_done && silo.life.order == SiloLife::Order::None) coming_.remove(silo);
}

void Core::restart_with_image(Silo& silo) {
  SiloImages& images = silo.images;
  SiloLife& life = silo.life;
  images.is_wanted = false;
  images.next = images.wanted;
  audit_life(*this, silo, abi::AuditLife::Replaced, images.wanted, images.wanted_by);
  log("silo {} gets image {}, by silo {}", silo.name.view(), images.image[images.wanted]->name.view(),
      silos()[images.wanted_by]->name.view());
  note_console();
  // From here on they wait for its beginning.
  while (ipc::Party* const party = images.replacers.pop_front())
    static_cast<void>(ipc::wait_for_kernel(*party, silo.starters, silo));
  if (life.phase != SiloLife::Phase::Up) {
    static_cast<void>(start_again(*this, silo));  // it does not run
    return;
  }
  if (life.order == SiloLife::Order::None) {
    life.order = SiloLife::Order::Restart;
    life.ordered_by = images.wanted_by;
  }
  life.policy.forget_history();
  obey(silo);
}

void Core::begin_moving(Silo& silo) {
  silo.life.part = SiloLife::Part::AnotherImage;
  silo.images.is_moving = true;
}

}  // namespace kernel
