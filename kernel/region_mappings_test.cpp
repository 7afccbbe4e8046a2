// SPDX-License-Identifier: Apache-2.0
//
// Mappings of regions: every page that was unmapped is flushed under the VMID of its silo before it is scrubbed or used
// again; several works at a time; what runs between the steps; and after any sequence of calls and ends everything is
// back.
#include "test/fakes/region_world.hpp"

#include <random>
#include <set>

#include "kernel/fault_report.hpp"

namespace kernel {
namespace {

using abi::Right;
using fakes::Stage2Action;
using ipc::Outcome;
using ipc::Waiting;

constexpr std::uint32_t kStep = kRegionStepPages;

struct RegionMappings : fakes::RegionSteps {};

TEST_F(RegionMappings, E16_every_unmapped_page_is_flushed_under_its_silos_vmid_before_it_is_scrubbed) {
  const std::uint64_t handle = made(one, 50);
  const std::uint64_t given = give(other, region_at(one, handle), {Right::RegionRead});
  const std::uint64_t here = mapped(one, handle), there = mapped(other, given, port::Access::Read);
  const FrameRange frames = region_at(one, handle).frames;
  fill(frames, 0x11);
  fakes::clear_stage2_log();
  shut(one, handle);
  shut(other, given);
  const unsigned windows = fakes::windows_opened();
  while (fakes::windows_opened() == windows) step();
  // The first window for scrubbing has just been open: by now both silos' pages are flushed, all of them.
  std::set<std::pair<std::uint32_t, std::uint64_t>> flushed;
  for (const auto& operation : fakes::stage2_log()) {
    if (operation.action != Stage2Action::InvalidatePage) continue;
    flushed.insert({fakes::vmid_of(operation.translation_base).value(), operation.address});
  }
  EXPECT_EQ(flushed.size(), 100u);
  for (std::uint64_t page = 0; page < 50; ++page) {
    EXPECT_TRUE(flushed.contains({one.silo().space.vmid().value(), here + page * 4096}));
    EXPECT_TRUE(flushed.contains({other.silo().space.vmid().value(), there + page * 4096}));
  }
  EXPECT_EQ(fakes::stage2_count(Stage2Action::PublishInvalid), 100u);
  EXPECT_EQ(fakes::stage2_count(Stage2Action::InvalidateCombined), 2u * 4) << "one for each step, not for each page";
  EXPECT_THAT(fakes::stage2_violations(), testing::IsEmpty());
  finish_steps();
  EXPECT_TRUE(is_zero(frames));
}

TEST_F(RegionMappings, E16_invalid_entries_come_before_the_flush_and_the_combined_flush_last) {
  const std::uint64_t handle = made(one, 4);
  const std::uint64_t address = mapped(one, handle);
  fakes::clear_stage2_log();
  static_cast<void>(begin_unmap(one, handle, address));
  std::vector<Stage2Action> actions;
  for (const auto& operation : fakes::stage2_log()) actions.push_back(operation.action);
  using enum Stage2Action;
  EXPECT_THAT(actions,
              testing::ElementsAre(PublishInvalid, PublishInvalid, PublishInvalid, PublishInvalid, InvalidatePage,
                                   InvalidatePage, InvalidatePage, InvalidatePage, InvalidateCombined));
}

TEST_F(RegionMappings, the_fake_machine_sees_a_scrub_before_the_flush) {
  const std::uint64_t handle = made(one, 1);
  static_cast<void>(mapped(one, handle));
  std::uint64_t entry =
      port::stage2_leaf_entry(region_at(one, handle).frames.start, 3, port::Access::Read, port::MemoryKind::Normal)
          .bits;
  port::stage2_publish(entry, {0});
  EXPECT_TRUE(fakes::is_unflushed(region_at(one, handle).frames.start));
  port::stage2_invalidate_page(one.silo().space.translation_base(), base::SiloAddress(kWindow));
  EXPECT_TRUE(fakes::is_unflushed(region_at(one, handle).frames.start)) << "not that entry";
  shut(one, handle);
  finish_steps();
  EXPECT_THAT(fakes::stage2_violations(), testing::Contains("memory touched before a mapping of it was flushed"));
  fakes::reset_stage2();
}

TEST_F(RegionMappings, closing_while_another_thread_maps_undoes_it_and_tells_that_thread) {
  const std::uint64_t handle = made(one, 4 * kStep);
  const std::uint64_t second =
      one.silo()
          .capabilities.duplicate(fakes::unlocked(), handle, static_cast<std::uint64_t>(Right::RegionWrite))
          .value();
  EXPECT_EQ(begin_map(one, second), Outcome::Blocked);
  step();
  EXPECT_EQ(pages_mapped(one.silo()), 2 * kStep);
  shut(one, second);
  finish_steps();
  EXPECT_EQ(one.completion.status.error(), Error::EPIPE);
  EXPECT_EQ(pages_mapped(one.silo()), 0u);
  EXPECT_EQ(used(one, QuotaKind::MappedPages), 0u);
}

TEST_F(RegionMappings, closing_while_another_thread_unmaps_lets_it_end) {
  const std::uint64_t handle = made(one, 4 * kStep);
  const std::uint64_t address = mapped(one, handle);
  EXPECT_EQ(begin_unmap(one, handle, address), Outcome::Blocked);
  shut(one, handle);
  finish_steps();
  EXPECT_TRUE(one.completion.status.ok());
  expect_nothing_charged(one.silo());
}

TEST_F(RegionMappings, a_mapping_that_another_thread_works_on_is_busy) {
  Thread& second = add_thread(one.silo().id, "second", 19);
  const std::uint64_t handle = made(one, 4 * kStep);
  EXPECT_EQ(begin_map(one, handle), Outcome::Blocked);
  EXPECT_EQ(begin_unmap(second, handle, kWindow), Outcome::Completed);
  EXPECT_EQ(second.completion.status.error(), Error::EBUSY);
  finish_steps();
  EXPECT_EQ(begin_unmap(one, handle, kWindow), Outcome::Blocked);
  EXPECT_EQ(begin_unmap(second, handle, kWindow), Outcome::Completed);
  EXPECT_EQ(second.completion.status.error(), Error::EBUSY);
  finish_steps();
  EXPECT_TRUE(one.completion.status.ok());
}

TEST_F(RegionMappings, works_on_one_region_for_several_threads_all_end) {
  Thread& second = add_thread(one.silo().id, "second", 19);
  const std::uint64_t handle = made(one, 3 * kStep);
  const std::uint64_t given = give(other, region_at(one, handle), {Right::RegionRead});
  EXPECT_EQ(begin_map(one, handle), Outcome::Blocked);
  EXPECT_EQ(begin_map(second, handle), Outcome::Blocked);
  EXPECT_EQ(begin_map(other, given, port::Access::Read), Outcome::Blocked);
  finish_steps();
  for (const Thread* const thread : {&one, &second, &other}) {
    EXPECT_TRUE(thread->completion.status.ok());
    EXPECT_TRUE(is_mapped(*thread, word(*thread) + 3 * kStep * 4096 - 1));
  }
  EXPECT_NE(word(one), word(second));
}

/// Calls through the kernel's entries, with more urgent threads between the steps.
struct RegionSchedule : fakes::RegionWorld {
  Thread& urgent = add_sharer("urgent", 50);
  Thread& one = add_sharer("one", 20);
  Thread& equal = add_sharer("equal", 20);

  void begin(SystemCall number, std::uint64_t handle, std::uint64_t word) {
    ASSERT_TRUE(is_running(urgent));
    call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 60});
    ASSERT_TRUE(is_running(one));
    fakes::advance(60);  // the timer's interrupt comes with the first one that is let in
    call(number, {.handle = handle, .words = {word}});
  }
};

TEST_F(RegionSchedule, a_more_urgent_thread_runs_between_two_steps) {
  start();
  begin(SystemCall::REGION_CREATE, 0, kPages);
  EXPECT_TRUE(is_running(urgent));
  EXPECT_EQ(one.state(), ThreadState::Blocked);
  EXPECT_EQ(one.blocked_on(), BlockedOn::Kernel);
  EXPECT_TRUE(this_core().has_work());
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(equal)) << "the call is complete, and its thread behind the others of its priority";
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(one));
  EXPECT_EQ(status(one), 0);
  expect_clean(one, {3});
  EXPECT_FALSE(this_core().has_work());
}

TEST_F(RegionSchedule, work_goes_on_slowly_while_urgent_threads_take_all_of_the_core) {
  start();
  begin(SystemCall::REGION_CREATE, 0, kPages);
  ASSERT_TRUE(is_running(urgent));
  for (int i = 0; i < 100 && this_core().has_work(); ++i) pass(kFrequency / 10000);
  EXPECT_FALSE(this_core().has_work());
  EXPECT_TRUE(is_running(urgent));
  EXPECT_EQ(one.state(), ThreadState::Ready);
}

TEST_F(RegionSchedule, a_close_in_another_thread_does_not_end_the_call_of_a_thread_that_the_kernel_works_for) {
  Thread& second = add_thread(one.silo().id, "second", 30);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1'000'000});
  ASSERT_TRUE(is_running(second));
  const std::uint64_t handle = create(kPages);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 60});
  ASSERT_TRUE(is_running(one));
  fakes::advance(60);
  call(SystemCall::REGION_MAP, {.handle = handle, .words = {kReadWrite}});
  ASSERT_TRUE(is_running(second));
  ASSERT_EQ(one.blocked_on(), BlockedOn::Kernel);
  EXPECT_EQ(close(handle), 0);
  ASSERT_TRUE(is_running(second));
  EXPECT_EQ(one.state(), ThreadState::Ready);
  EXPECT_EQ(status(one), minus(Error::EPIPE));
  EXPECT_EQ(pages_mapped(one.silo()), 0u);
  expect_nothing_charged(one.silo());
}

TEST_F(RegionSchedule, a_silo_that_faults_in_the_middle_of_its_call_leaves_nothing) {
  Thread& second = add_thread(one.silo().id, "second", 30);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1'000'000});
  ASSERT_TRUE(is_running(second));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 60});
  ASSERT_TRUE(is_running(one));
  fakes::advance(60);
  call(SystemCall::REGION_CREATE, {.words = {kPages}});
  ASSERT_TRUE(is_running(second));
  fault(read_fault(0x123456));
  ASSERT_TRUE(is_running(equal));
  EXPECT_EQ(one.state(), ThreadState::Dead);
  expect_nothing_charged(one.silo());
}

TEST_F(RegionSchedule, a_fault_report_names_the_shared_region) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  const std::uint64_t address = map(create(2), kRead);
  static_cast<void>(console());
  fault(port::FaultReport{.cause = port::FaultCause::Permission,
                          .access = port::FaultAccess::Write,
                          .address_valid = true,
                          .size = 8,
                          .transfer_register = 1,
                          .address = address + 0x18,
                          .program_counter = kText,
                          .syndrome = 0,
                          .syndrome_text = nullptr});
  const std::string report = console();
  EXPECT_THAT(report,
              testing::HasSubstr("0x4000000018 is 0x18 bytes into a shared region of silo one (mapped read-only)"))
      << report;
}

TEST_F(RegionSchedule, a_fault_report_names_guard_pages_and_what_is_unmapped) {
  const std::uint32_t object = create_region({.name = "samples", .size = base::PageCount(2)}).value();
  const std::uint64_t handle = grant(one, abi::ObjectType::Region, object, {Right::RegionWrite});
  kept_regions = 1;
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  const std::uint64_t address = map(handle);
  EXPECT_EQ(place_of(one.silo(), base::SiloAddress(address + 5)).kind, Place::Kind::InMapping);
  EXPECT_EQ(place_of(one.silo(), base::SiloAddress(address + 0x3000)).kind, Place::Kind::InWindow);
  static_cast<void>(console());
  fault(read_fault(address + 0x2008));
  const std::string report = console();
  EXPECT_THAT(report, testing::HasSubstr("is 0x8 bytes behind the end of shared region samples")) << report;
}

/// Everything at random, compared with a model of what must be mapped where.
TEST_F(RegionMappings, E16_after_any_sequence_of_calls_and_ends_memory_and_quotas_are_back) {
  Thread& third = add_sharer("third", 5);
  Thread* const threads[] = {&one, &other, &third};
  struct Held {
    Thread* thread;
    std::uint64_t handle;
  };
  std::mt19937 random(20260);
  std::vector<Held> held;
  const auto free_pages = kernel_pages_left(fakes::unlocked()).value();
  for (int turn = 0; turn < 6000; ++turn) {
    Thread& thread = *threads[random() % 3];
    const bool is_idle = thread.waiting == Waiting::Nothing;
    const Held* const any = held.empty() ? nullptr : &held[random() % held.size()];
    switch (random() % 10) {
      case 0:
      case 1:
        if (is_idle) static_cast<void>(begin_create(thread, 1 + random() % 60));
        break;
      case 2:
      case 3:
        if (any != nullptr && any->thread->waiting == Waiting::Nothing) {
          static_cast<void>(
              begin_map(*any->thread, any->handle, random() % 2 == 0 ? port::Access::Read : port::Access::ReadWrite));
        }
        break;
      case 4:
        if (any != nullptr && any->thread->waiting == Waiting::Nothing) {
          const PageRun* const run = any->thread->silo().shared.window.first();
          if (run == nullptr) break;
          static_cast<void>(begin_unmap(*any->thread, any->handle, kWindow + run->first_page * 4096));
        }
        break;
      case 5:
        if (any != nullptr && held.size() < 40) {
          give(thread, region_at(*any->thread, any->handle), {Right::RegionRead, Right::RegionWrite});
        }
        break;
      case 6:
        if (any != nullptr) shut(*any->thread, any->handle);
        break;
      case 7:
        if (any != nullptr) static_cast<void>(change_owner(region_at(*any->thread, any->handle), thread.silo()));
        break;
      default: step(); break;
    }
    ASSERT_THAT(fakes::stage2_violations(), testing::IsEmpty()) << "turn " << turn;
    held.clear();
    for (Thread* const holder : threads) {
      for (std::uint32_t slot = 1; slot < holder->silo().capabilities.slots(); ++slot) {
        for (std::uint32_t generation = 1; generation < 400; ++generation) {
          const std::uint64_t handle = abi::make_handle(generation, slot);
          if (!holder->silo().capabilities.lookup(handle).ok()) continue;
          held.push_back({holder, handle});
          break;
        }
      }
    }
    // What is mapped is exactly the mappings that are there, each made by a capability that is there or dying.
    for (Thread* const holder : threads) {
      const Silo& silo = holder->silo();
      std::uint32_t pages = 0, charged = 0;
      for (PageRun* run = silo.shared.window.first(); run != nullptr; run = silo.shared.window.next(*run)) {
        const Mapping& mapping = Mapping::of(*run);
        pages += mapping.mapped;
        charged += mapping.region.pages();
        if (mapping.state == Mapping::State::Dying) continue;
        const auto through = silo.capabilities.lookup(mapping.handle);
        ASSERT_TRUE(through.ok()) << "turn " << turn;
        ASSERT_EQ(&region_of(*through.value()), &mapping.region);
      }
      if (turn % 50 == 0) {
        ASSERT_EQ(pages_mapped(silo), pages);
      }
      ASSERT_EQ(used(silo, QuotaKind::MappedPages), charged);
    }
  }
  for (Thread* const thread : threads) stop(*thread);
  finish_steps();
  for (Thread* const thread : threads) {
    expect_nothing_charged(thread->silo());
    EXPECT_EQ(pages_mapped(thread->silo()), 0u);
    const FrameRange ground{thread->silo().shared.ground_start, base::PageCount(kPages)};
    // What was ever used is zero; what never was is as the machine left it.
    const auto bytes = fakes::memory(ground.start, ground.size.bytes());
    EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(),
                            [](std::byte byte) { return byte == std::byte{0} || byte == std::byte{0xa5}; }));
  }
  EXPECT_EQ(kernel_pages_left(fakes::unlocked()).value(), free_pages);
}

}  // namespace
}  // namespace kernel
