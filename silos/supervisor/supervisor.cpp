// SPDX-License-Identifier: Apache-2.0
//
// A supervisor: decides what becomes of silos that have ended, in place of a fixed policy. An example to copy: put your
// silos into kWards, and the decision into decide().
//
// What it does here: a ward that has ended is started again, at most so many times in a minute. One that goes on
// crashing gets its next image (a second image is mostly the one before the newest: known to work). When it has no
// further image, it is left down, and the console says so.
//
// What it needs in the manifest: `operator = true`, `audit = true`, a priority above that of its wards; and each ward
// `restart = "supervised"`: then the kernel waits a second for the decision, and calls to the ward wait as long.
#include <cinttypes>
#include <cstdio>
#include <string_view>

#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t kNobody = ~0u;

struct Ward {
  const char* name;
  unsigned restarts;  ///< in a row, before it gets another image
  // What it is known to have done:
  std::uint32_t silo = kNobody;
  unsigned used = 0;          ///< of them
  unsigned tried = 1;         ///< images
  Clock::time_point first{};  ///< of the restarts that count
};
Ward wards[] = {{.name = "gauge", .restarts = 2}, {.name = "hopeless", .restarts = 1}};

constexpr auto kWindow = 60s;

void find_wards() {
  handles::system
      .each_silo([](const abi::SiloRecord& silo) {
        for (Ward& ward : wards)
          if (std::string_view(silo.name) == ward.name) ward.silo = silo.silo;
      })
      .value();
}

/// Whether that was done; a sentence if not.
bool is_done(const Ward& ward, const char* what, const Result<void>& result) {
  if (result.ok()) return true;
  printf("%s: it cannot be %s: %s\n", ward.name, what, result.error().message());
  return false;
}

/// The ward has ended, and the kernel waits for what becomes of it.
void decide(Ward& ward, const SiloLife& life) {
  const Clock::time_point now = Clock::now();
  if (ward.used == 0 || now - ward.first > kWindow) {
    ward.used = 0;
    ward.first = now;
  }
  if (ward.used < ward.restarts) {
    ++ward.used;
    printf("%s has ended: restart %u of %u\n", ward.name, ward.used, ward.restarts);
    is_done(ward, "started", handles::system.start(ward.silo));
    return;
  }
  // The next image, the first behind the last; one that is damaged is passed over.
  for (std::uint32_t image = life.image; ward.tried < life.images;) {
    ++ward.tried;
    image = (image + 1) % life.images;
    printf("%s goes on crashing: image %" PRIu32 " instead of %" PRIu32 "\n", ward.name, image, life.image);
    if (is_done(ward, "replaced", handles::system.replace(ward.silo, image))) {
      ward.used = 0;
      return;
    }
  }
  printf("%s goes on crashing and has no other image: it stays down\n", ward.name);
  is_done(ward, "stopped", handles::system.kill(ward.silo));
}

/// Looks at all of them: whoever is to come back is waiting for a decision.
void look_around() {
  for (Ward& ward : wards) {
    if (ward.silo == kNobody) continue;
    const SiloLife life = handles::system.life(ward.silo).value();
    if (life.comes_back) decide(ward, life);
  }
}

const char* name_of(std::uint32_t silo) {
  for (const Ward& ward : wards)
    if (ward.silo == silo) return ward.name;
  return nullptr;
}

}  // namespace

int main() {
  find_wards();
  std::uint64_t expected = 1;
  for (;;) {
    const Result<AuditRecord> record = handles::audit.read();
    if (!record) {
      // Everything that was recorded has been read; so nothing that has ended is missed, even if records were lost.
      look_around();
      wait_any(forever, handles::audit).value();
      continue;
    }
    if (record->sequence != expected)
      printf("%" PRIu64 " records of the audit found no room\n", record->sequence - expected);
    expected = record->sequence + 1;
    // Lifecycle: started, exited, crashed, stopped by a watchdog or an operator, restarted, replaced, poison. The
    // others are refused calls, used up quotas, missed deadlines.
    const bool is_life = record->category == abi::AuditCategory::Lifecycle;
    if (const char* const name = name_of(record->silo); is_life && name != nullptr)
      printf("%s: %s\n", name, audit_text(*record).text);
  }
}
