// SPDX-License-Identifier: Apache-2.0
//
// Syndromes in words. The values are those of lab/el0_golden_*.txt (QEMU) where it has them, else built by hand from
// the manual.
#include "test/fakes/host_prelude.hpp"

#include "hal/aarch64/fault_decode.hpp"

namespace hal {
namespace {

using port::FaultAccess;
using port::FaultCause;

constexpr std::uint64_t kAddress = 0x1234'5678;
constexpr std::uint64_t kProgramCounter = 0x10040;

port::FaultReport decode(std::uint64_t syndrome) {
  return decode_fault(regs::EsrEl2::from(syndrome), kAddress, kProgramCounter);
}

struct StringSink {
  std::string text;
  void write(std::string_view piece) { text += piece; }
};

std::string describe(std::uint64_t syndrome) {
  StringSink sink;
  describe_fault(sink, decode(syndrome));
  return sink.text;
}

TEST(FaultDecode, keeps_the_syndrome_and_the_program_counter) {
  const port::FaultReport report = decode(0x93c0'8005);
  EXPECT_EQ(report.syndrome, 0x93c0'8005u);
  EXPECT_EQ(report.program_counter, kProgramCounter);
}

TEST(FaultDecode, a_load_tells_address_size_and_register) {
  const port::FaultReport report = decode(0x93c0'8007 | 3u << 16);
  EXPECT_EQ(report.cause, FaultCause::Translation);
  EXPECT_EQ(report.access, FaultAccess::Read);
  EXPECT_TRUE(report.address_valid);
  EXPECT_EQ(report.address, kAddress);
  EXPECT_EQ(report.size, 8);
  EXPECT_EQ(report.transfer_register, 3);
  EXPECT_EQ(describe(0x93c0'8007 | 3u << 16), "read of 8 bytes into x3 at 0x12345678: translation fault, level 3");
}

TEST(FaultDecode, a_store_is_a_write_from_its_register) {
  EXPECT_EQ(describe(0x9300'004f | 21u << 16), "write of 1 byte from x21 at 0x12345678: permission fault, level 3");
  EXPECT_EQ(describe(0x9340'004f | 31u << 16), "write of 2 bytes from xzr at 0x12345678: permission fault, level 3");
  EXPECT_EQ(decode(0x9300'004f).cause, FaultCause::Permission);
}

TEST(FaultDecode, without_a_valid_syndrome_size_and_register_are_not_told) {
  const port::FaultReport report = decode(0x9200'0045);  // dc zva of an unmapped address
  EXPECT_EQ(report.size, 0);
  EXPECT_EQ(describe(0x9200'0045), "write at 0x12345678: translation fault, level 1");
}

TEST(FaultDecode, a_tagged_pointer_is_an_address_size_fault) {
  EXPECT_EQ(decode(0x9200'0000).cause, FaultCause::AddressSize);
  EXPECT_EQ(describe(0x9200'0000), "read at 0x12345678: address size fault, level 0");
}

TEST(FaultDecode, an_instruction_abort_is_an_execution) {
  const port::FaultReport report = decode(0x8200'000f);
  EXPECT_EQ(report.cause, FaultCause::Permission);
  EXPECT_EQ(report.access, FaultAccess::Execute);
  EXPECT_EQ(report.size, 0);
  EXPECT_EQ(describe(0x8200'000f), "execution at 0x12345678: permission fault, level 3");
}

TEST(FaultDecode, aborts_of_the_kernel_itself_read_alike) {
  EXPECT_EQ(describe(0x9600'004f), "write at 0x12345678: permission fault, level 3");
  EXPECT_EQ(describe(0x8600'000f), "execution at 0x12345678: permission fault, level 3");
}

TEST(FaultDecode, an_external_abort_may_not_know_its_address) {
  EXPECT_EQ(decode(0x9200'0010).cause, FaultCause::ExternalAbort);
  EXPECT_TRUE(decode(0x9200'0010).address_valid);
  EXPECT_FALSE(decode(0x9200'0410).address_valid);
  EXPECT_EQ(describe(0x9200'0410), "read: external abort");
}

TEST(FaultDecode, every_status_code_of_an_abort_has_words) {
  std::vector<std::string> known;
  for (std::uint64_t code = 0; code < 64; ++code) {
    const port::FaultReport report = decode(0x9200'0000 | code);
    ASSERT_NE(report.syndrome_text, nullptr) << code;
    if (std::string(report.syndrome_text) != "unknown status code") known.push_back(report.syndrome_text);
  }
  // 5 kinds with 4 levels, 4 codes of parity errors on walks, and 8 single ones.
  EXPECT_EQ(known.size(), 32u);
}

TEST(FaultDecode, alignment_faults_of_data_program_counter_and_stack_pointer) {
  EXPECT_EQ(describe(0x9200'0021), "read at 0x12345678: alignment fault");
  EXPECT_EQ(describe(0x8a00'0000), "execution at 0x12345678: misaligned program counter");
  EXPECT_EQ(describe(0x9a00'0000), "misaligned stack pointer");
  EXPECT_FALSE(decode(0x9a00'0000).address_valid);  // FAR_EL2 is UNKNOWN for it
  for (const std::uint64_t syndrome : {0x9200'0021, 0x8a00'0000, 0x9a00'0000}) {
    EXPECT_EQ(decode(syndrome).cause, FaultCause::Alignment);
  }
}

TEST(FaultDecode, instructions_that_silos_do_not_have) {
  EXPECT_EQ(decode(0x0200'0000).cause, FaultCause::UndefinedInstruction);
  EXPECT_EQ(describe(0x0200'0000), "undefined or privileged instruction");
  EXPECT_EQ(describe(0x6600'0000), "SVE instruction");
  EXPECT_EQ(describe(0x7600'0000), "SME instruction");
  EXPECT_EQ(describe(0x2600'0000), "pointer authentication instruction");
  EXPECT_EQ(describe(0x5a00'0000), "hvc instruction");
  EXPECT_EQ(describe(0x5e00'0000), "smc instruction");
  EXPECT_EQ(decode(0xf200'0001).cause, FaultCause::Breakpoint);
  EXPECT_EQ(describe(0xf200'0001), "brk instruction");
  EXPECT_EQ(describe(0x3a00'0000), "illegal execution state");
}

TEST(FaultDecode, trapped_registers_have_names) {
  EXPECT_EQ(decode(0x6232'f801).cause, FaultCause::TrappedRegister);
  EXPECT_EQ(describe(0x6232'f801), "read: trapped counter or timer register");   // mrs CNTPCT_EL0
  EXPECT_EQ(describe(0x6234'f806), "write: trapped counter or timer register");  // msr CNTV_CVAL_EL0
  EXPECT_EQ(describe(0x6230'e41b), "read: trapped PMCCNTR_EL0");
  EXPECT_EQ(describe(0x6230'e41d), "read: trapped performance-monitor register");  // PMUSERENR_EL0
  EXPECT_EQ(describe(0x6232'd005), "read: trapped DAIF");
  EXPECT_EQ(describe(0x6207'93e4), "write: trapped DAIFSet or DAIFClr");
  EXPECT_EQ(describe(0x623a'f401), "read: trapped TPIDR2_EL0");
  EXPECT_EQ(describe(0x623e'f400), "write: trapped SCXTNUM_EL0");
  EXPECT_EQ(describe(0x6230'0001), "read: trapped identification register");  // MIDR_EL1 on max
  EXPECT_EQ(describe(0x6232'4001), "read: trapped identification register");  // CLIDR_EL1 on max
  EXPECT_EQ(describe(0x6220'c003), "read: trapped debug or trace register");  // MDCCSR_EL0
  EXPECT_EQ(describe(0x6212'dc0a), "write: trapped ic ivau");
  EXPECT_EQ(describe(0x6212'dc1c), "write: trapped cache maintenance or prediction instruction");
  EXPECT_EQ(describe(0x6210'0000), "write: trapped system register");
}

TEST(FaultDecode, every_exception_class_has_words) {
  for (std::uint64_t exception_class = 0; exception_class < 64; ++exception_class) {
    const port::FaultReport report = decode(exception_class << 26);
    ASSERT_NE(report.syndrome_text, nullptr) << exception_class;
    EXPECT_STRNE(report.syndrome_text, "") << exception_class;
  }
  EXPECT_EQ(describe(0x3full << 26), "unknown exception class");
  EXPECT_EQ(decode(0x3full << 26).cause, FaultCause::Other);
}

}  // namespace
}  // namespace hal
