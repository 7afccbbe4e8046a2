// SPDX-License-Identifier: Apache-2.0
//
// Images of silos: what of an image boot takes and refuses, how a silo gets another one (SYSTEM_REPLACE), and that it
// goes on with what it has when that one is damaged.
#include "test/fakes/image_world.hpp"

#include "kernel/audit.hpp"
#include "kernel/port/memory_window.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;
using Phase = SiloLife::Phase;

struct SiloImagesTest : fakes::ImageWorld {};

TEST_F(SiloImagesTest, a_silo_is_restarted_with_another_image_and_stays_with_it) {
  add_newer();
  start();
  EXPECT_EQ(running_image(), 0u);
  ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), 0);
  EXPECT_EQ(silo.state(), abi::SiloState::Running);
  EXPECT_EQ(running_image(), 1u);
  expect_newer();
  EXPECT_EQ(first_word(0), 0x12345678u);
  EXPECT_EQ(silo.life.restarts, 1u);
  EXPECT_EQ(worker.program_counter, kOtherText + 8);
  EXPECT_EQ(worker.stack_pointer, kOtherStack + 0x2000);
  EXPECT_EQ(worker.general[0], 9u);
  EXPECT_EQ(worker.general[1], 77u);
  EXPECT_THAT(console(), testing::HasSubstr("silo worker gets image newer, by silo boss"));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(worker));
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), minus(Error::EAGAIN)) << "its handle";
  fault(read_fault(0xdead0000, kOtherText + 8));
  pass(kBackoff);
  ASSERT_TRUE(is_running(worker)) << "it comes back by its policy";
  EXPECT_EQ(silo.images.current, 1u);
  expect_newer();
  EXPECT_EQ(worker.program_counter, kOtherText + 8);
}

TEST_F(SiloImagesTest, the_report_of_a_fault_says_which_image_it_was) {
  add_newer();
  start();
  ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), 0);
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_THAT(console(), testing::Not(testing::HasSubstr("its image is")));
  fault(read_fault(0xdead0000, kOtherText + 8));
  EXPECT_THAT(console(), testing::HasSubstr("silo worker: its image is newer"));
}

TEST_F(SiloImagesTest, N15_an_image_with_another_contract_is_refused_and_the_silo_goes_on) {
  add_newer();
  constexpr std::uint64_t kContract = 0x5eed;
  const auto typed = create_port({"typed", id, kContract});
  ASSERT_TRUE(typed.ok());
  const auto give = [&](std::uint32_t slot, std::uint64_t of_newer) {
    return install_capability(id, {.slot = slot,
                                   .type = abi::ObjectType::Port,
                                   .object = typed.value(),
                                   .end = 0,
                                   .rights = static_cast<std::uint64_t>(abi::Right::PortReceive),
                                   .badge = 0,
                                   .deadline = 0,
                                   .contract = {{kContract, of_newer}}});
  };
  for (std::uint32_t slot = 20; slot < 60; ++slot) ASSERT_TRUE(give(slot, slot == 59 ? kContract + 1 : kContract).ok());
  start();
  EXPECT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), minus(Error::EPROTOTYPE));
  EXPECT_EQ(running_image(), 0u);
  EXPECT_EQ(silo.life.restarts, 0u);
  EXPECT_THAT(console(), testing::HasSubstr("silo worker goes on with image main: image newer was built with another "
                                            "contract than the system has"));
}

TEST_F(SiloImagesTest, and_back_again_any_number_of_times) {
  add_newer();
  start();
  for (unsigned i = 0; i < 50; ++i) {
    ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), 0);
    expect_newer();
    ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 0}}), 0);
    expect_older();
    EXPECT_EQ(first_word(0), 0xd503201fu);
    ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 0}}), 0) << "the same again";
    expect_older();
  }
  EXPECT_EQ(silo.life.restarts, 150u);
}

TEST_F(SiloImagesTest, a_damaged_image_is_refused_and_the_silo_goes_on) {
  add_newer();
  ASSERT_TRUE(back_audit(base::hold_nothing(base::TokenSource::interrupts_masked())).ok());
  start();
  while (take_audit_record()) {
  }
  code.back() ^= 1;
  ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), minus(Error::EBADMSG));
  EXPECT_EQ(running_image(), 0u);
  expect_older();
  EXPECT_EQ(silo.life.restarts, 0u) << "it has not been stopped";
  EXPECT_EQ(worker.state(), ThreadState::Ready);
  EXPECT_FALSE(silo.coming_node.is_linked());
  EXPECT_THAT(console(), testing::HasSubstr("silo worker goes on with image main: image newer is damaged"));
  const auto record = take_audit_record();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->what, static_cast<std::uint64_t>(abi::AuditLife::ImageRefused));
  EXPECT_EQ(record->detail, 1u);
  EXPECT_EQ(record->more, boss.silo().id.value());
  code.back() ^= 1;
  ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), 0) << "it is sound again";
  EXPECT_EQ(running_image(), 1u);
  const auto replaced = [] {
    for (auto next = take_audit_record(); next; next = take_audit_record())
      if (next->what == static_cast<std::uint64_t>(abi::AuditLife::Replaced)) return next->detail;
    return std::uint64_t{0};
  };
  EXPECT_EQ(replaced(), 1u);
}

TEST_F(SiloImagesTest, an_image_that_is_not_whole_is_refused) {
  ASSERT_TRUE(add_image(id, "half").ok());
  ASSERT_TRUE(add_image_region(id, text()).ok());
  add_newer();
  ASSERT_TRUE(add_image(id, "threadless").ok());
  ASSERT_TRUE(add_image_region(id, text()).ok());
  ASSERT_TRUE(add_image_region(id, stack()).ok());
  start();
  EXPECT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), minus(Error::EBADMSG));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 3}}), minus(Error::EBADMSG));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 2}}), 0);
  EXPECT_EQ(silo.life.restarts, 1u);
}

TEST_F(SiloImagesTest, one_that_has_stopped_is_started_with_it_and_an_operators_stop_afterwards_is_final) {
  add_newer();
  start();
  ASSERT_EQ(status_of(SystemCall::SYSTEM_KILL, {.handle = system, .words = {own}}), 0);
  ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), 0);
  EXPECT_EQ(silo.state(), abi::SiloState::Running);
  expect_newer();
  ASSERT_EQ(status_of(SystemCall::SYSTEM_KILL, {.handle = system, .words = {own}}), 0);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(idler));
  EXPECT_EQ(silo.life.phase, Phase::Down);
  pass(1000);
  ASSERT_EQ(status_of(SystemCall::SYSTEM_START, {.handle = system, .words = {own}}), 0);
  EXPECT_EQ(running_image(), 1u) << "a start does not change it";
}

TEST_F(SiloImagesTest, peers_keep_their_handles_and_are_told_that_it_comes_back) {
  add_newer();
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(worker));
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(idler));
  call(SystemCall::PORT_CALL, {.handle = send, .words = {1}});
  ASSERT_TRUE(is_running(worker));
  pass(1000);
  ASSERT_TRUE(is_running(boss));
  ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), 0);
  EXPECT_EQ(status(idler), minus(Error::ECONNRESET));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(worker));
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = send, .words = {2}});
  ASSERT_TRUE(is_running(worker));
  EXPECT_EQ(worker.general[3], 2u);
  EXPECT_EQ(worker.general[7], 7u);
}

TEST_F(SiloImagesTest, bad_numbers_and_missing_rights) {
  const std::uint64_t blind = grant(idler, ObjectType::System, 0, {Right::SystemObserve, Right::SystemKill});
  add_newer();
  start();
  const std::uint64_t self = boss.silo().id.value();
  EXPECT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 2}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, kForever}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {99, 0}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {self, 0}}), minus(Error::EINVAL))
      << "a silo with one image has nothing to be replaced by";
  EXPECT_EQ(silo.life.restarts, 0u);
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(idler));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = blind, .words = {own, 1}}), minus(Error::EPERM));
}

TEST_F(SiloImagesTest, a_second_request_while_one_is_being_looked_at_is_refused) {
  add_newer();
  start();
  ASSERT_TRUE(request_image(silo, 1, boss.silo().id).ok());
  EXPECT_EQ(request_image(silo, 0, boss.silo().id).error(), Error::EBUSY);
}

TEST_F(SiloImagesTest, what_does_not_fit_is_refused_at_boot) {
  EXPECT_EQ(add_image_region(id, text()).error(), Error::EINVAL) << "of which image?";
  EXPECT_EQ(add_image_thread(id, main_thread()).error(), Error::EINVAL);
  EXPECT_EQ(add_image(boss.silo().id, "newer").error(), Error::EINVAL) << "its regions have no room";
  EXPECT_EQ(add_image(id, "").error(), Error::EINVAL);
  ASSERT_TRUE(add_image(id, "newer").ok());
  EXPECT_EQ(add_image(id, "newer").error(), Error::EEXIST);
  EXPECT_EQ(add_image(id, "main").error(), Error::EEXIST) << "that of boot";
  const auto refuse = [&](auto change, Error error = Error::EINVAL) {
    ImageRegionDescription description = text();
    change(description);
    EXPECT_EQ(add_image_region(id, description).error(), error);
  };
  refuse([](auto& region) { region.name = "stack"; });
  refuse([](auto& region) { region.access = port::Access::ReadWrite; });
  refuse([](auto& region) { region.size = base::PageCount(6); });  // more than there is room for
  refuse([](auto& region) { region.size = base::PageCount(2); });  // less than its data
  refuse([](auto& region) { region.address = base::SiloAddress(0); });
  refuse([](auto& region) { region.address = base::SiloAddress(abi::kMessagePagesStart - 0x4000); });
  ASSERT_TRUE(add_image_region(id, text()).ok());
  ImageRegionDescription over = stack();
  over.address = base::SiloAddress(kOtherText + 0x4000);
  EXPECT_EQ(add_image_region(id, over).error(), Error::EEXIST);
  ASSERT_TRUE(add_image_region(id, stack()).ok());
  EXPECT_EQ(add_image_region(id, stack()).error(), Error::EINVAL) << "one too many";
  const auto refuse_thread = [&](auto change) {
    ImageThreadDescription description = main_thread();
    change(description);
    EXPECT_EQ(add_image_thread(id, description).error(), Error::EINVAL);
  };
  refuse_thread([](auto& thread) { thread.name = "other"; });
  refuse_thread([](auto& thread) { thread.entry = base::SiloAddress(kText); });
  refuse_thread([](auto& thread) { thread.entry = base::SiloAddress(kOtherText + 2); });
  refuse_thread([](auto& thread) { thread.entry = base::SiloAddress(kOtherStack); });
  refuse_thread([](auto& thread) { thread.stack_pointer = base::SiloAddress(kOtherStack); });
  refuse_thread([](auto& thread) { thread.stack_pointer = base::SiloAddress(kOtherStack + 8); });
  refuse_thread([](auto& thread) { thread.stack_pointer = base::SiloAddress(kOtherText + 0x1000); });
  ASSERT_TRUE(add_image_thread(id, main_thread()).ok());
  EXPECT_EQ(add_image_thread(id, main_thread()).error(), Error::EINVAL) << "one too many";
  for (unsigned i = 2; i < abi::kImagesPerSiloMaximum; ++i)
    ASSERT_TRUE(add_image(id, std::string("image") + std::to_string(i)).ok());
  EXPECT_EQ(add_image(id, "more").error(), Error::ENOSPC);
  start();
  EXPECT_EQ(add_image(id, "late").error(), Error::EINVAL);
}

}  // namespace
}  // namespace kernel
