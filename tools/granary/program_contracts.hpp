// SPDX-License-Identifier: Apache-2.0
//
// The contracts that a program was built with. The generated header leaves a record of each in the program's section
// .granary.contracts, which takes no memory of the silo: a line of text, `readelf -p .granary.contracts` shows it. When
// the system image is made they are held against the manifest: a program that was built with other headers is refused
// in words. A program without a record says nothing, and is taken as it is.
//
//   granary-contract-1 port opening client 0x8b9170fdc8631ccf open=1(u8 percent@0)->(u8 opened@0);
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/granary/contracts.hpp"
#include "tools/granary/diagnostics.hpp"
#include "tools/granary/elf_file.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

inline constexpr const char* kContractSection = ".granary.contracts";

/// The line that the header leaves in a program.
std::string contract_record(const ContractUse& use);

struct ContractRecord {
  std::string kind{}, name{}, role{};
  std::uint64_t hash = 0;
  std::string text{};
};

/// Hash by what the contract is of: "port opening".
using ProgramContracts = std::map<std::string, std::uint64_t>;

/// Refuses a program whose records are damaged, differ from each other, or do not fit the manifest; what they are
/// otherwise. `where` is the program.
ProgramContracts check_contracts(const Manifest& manifest, const Silo& silo, const ElfFile& elf, const Location& where,
                                 Diagnostics& diagnostics);

}  // namespace tool
