// SPDX-License-Identifier: Apache-2.0
//
// What is said of a failure: the sentence with which a silo ends when it uses the value of a failed result.
#include "test/sdk/sdk_host.hpp"

namespace granary {
namespace {

Result<int> failed(int number, SystemCall call) { return Error(number, call); }

TEST(FailedResult, N7_value_names_its_place_the_call_the_error_and_what_may_help) {
  const Result<int> refused = failed(1, SystemCall::PORT_CALL);
  constexpr int kLine = __LINE__ + 1;
  EXPECT_DEATH(static_cast<void>(refused.value()),
               "^result_test.cpp:" + std::to_string(kLine) +
                   ": PORT_CALL: EPERM: the capability is of another type or lacks the right\n  see the rights of the "
                   "handle in the manifest\n$");
  EXPECT_DEATH(
      static_cast<void>(failed(122, SystemCall::PORT_CREATE).value()),
      "PORT_CREATE: EDQUOT: the silo's quota is used up\n  see the quota `ports` of the silo in the manifest\n$");
  EXPECT_DEATH(
      Result<void>(Error(9, SystemCall::PORT_SEND)).value(),
      "^result_test.cpp:[0-9]+: PORT_SEND: EBADF: no capability has this handle\n  the handle is empty, closed or "
      "revoked\n$");
}

TEST(FailedResult, N7_an_error_that_no_system_call_gave_names_none) {
  EXPECT_DEATH(static_cast<void>(Result<int>(kPeerGone).value()),
               "^result_test.cpp:[0-9]+: EPIPE: the other side is gone\n  it has ended for good: the console says why, "
               "`restart` in "
               "the manifest how often it may\n$");
}

TEST(FailedResult, N7_operators_name_an_address) {
  struct Answer {
    int number = 0;
  };
  const Result<Answer> refused = Error(110, SystemCall::PORT_CALL);
  EXPECT_DEATH(static_cast<void>(*refused),
               "^at 0x[0-9a-f]+: PORT_CALL: ETIMEDOUT: the deadline has passed\n  see what");
  EXPECT_DEATH(static_cast<void>(refused->number), "^at 0x[0-9a-f]+: PORT_CALL: ETIMEDOUT: ");
}

TEST(ErrorText, N7_is_compared_by_its_number) {
  EXPECT_EQ(Error(1, SystemCall::PORT_CALL), kNotPermitted);
  EXPECT_EQ(Error(1, SystemCall::PORT_CALL), Error(1, SystemCall::PORT_SEND));
  EXPECT_FALSE(Error(1, SystemCall::PORT_CALL) == kPeerGone);
  EXPECT_TRUE(Result<int>(7).ok());
  EXPECT_EQ(Result<int>(7).value(), 7);
}

TEST(ErrorText, N7_says_of_an_AsyncChan_that_it_is_full) {
  EXPECT_STREQ(Error(11, SystemCall::ASYNC_SEND).message(), "the AsyncChan is full, and a send to it does not wait");
  EXPECT_STREQ(Error(11, SystemCall::PORT_TRY_SEND).message(), "it would have to wait, and the call does not wait");
  EXPECT_STREQ(Error(11, SystemCall::ASYNC_SEND).call(), "ASYNC_SEND");
  EXPECT_STREQ(kWouldBlock.call(), "");
  EXPECT_STREQ(Error(1, SystemCall::NAME_PUBLISH).hint(),
               "see `publisher` of the name and `shareable` of the port in the manifest");
}

TEST(ErrorText, N7_every_error_of_every_call_has_a_hint) {
  constexpr int kNumbers[] = {
#define ERROR(error_name, error_number, text) error_number,
#include "ipc/abi/errors.def"
#undef ERROR
  };
  constexpr SystemCall kCalls[] = {
#define SYSTEM_CALL(call_number, call_name, object, right, in, out, errors, text) SystemCall::call_name,
#include "ipc/abi/syscalls.def"
#undef SYSTEM_CALL
  };
  for (const int number : kNumbers)
    for (const SystemCall call : kCalls) {
      const Error error(number, call);
      EXPECT_STRNE(error.hint(), "") << error.name() << " of " << error.call();
      EXPECT_STRNE(error.hint(), error.message()) << error.name() << " of " << error.call();
    }
  EXPECT_STREQ(Error(77).hint(), "") << "there is no such error";
}

TEST(ErrorText, a_name_that_is_not_there_is_another_mistake_than_one_that_is_not_published) {
  EXPECT_STREQ(Error(2, SystemCall::NAME_CONNECT).hint(), "no [name.NAME] of the manifest is called so");
  EXPECT_STREQ(Error(11, SystemCall::NAME_CONNECT).hint(),
               "nobody has published it yet; with a deadline, connect() waits");
  EXPECT_STREQ(Error(110, SystemCall::NAME_CONNECT).hint(),
               "nobody has published it: see whether its `publisher` runs");
}

TEST(ErrorText, N7_says_whether_it_is_the_silo_or_its_image_that_there_is_not) {
  EXPECT_STREQ(Error(22, SystemCall::SYSTEM_REPLACE).message(), "the silo has no image of this number");
  EXPECT_STREQ(Error(22, SystemCall::SYSTEM_REPLACE).hint(), "use images::SILO::NAME of handles.hpp");
  EXPECT_STREQ(Error(22, SystemCall::SYSTEM_LIFE).message(), "there is no silo of this number");
  EXPECT_STREQ(Error(22, SystemCall::SYSTEM_START).hint(), "use silos::NAME of handles.hpp");
  EXPECT_STREQ(Error(22, SystemCall::PORT_CALL).message(), "an argument is outside its range");
}

}  // namespace
}  // namespace granary
