// SPDX-License-Identifier: Apache-2.0
//
// See symbolize.hpp.
#include "tools/granary/symbolize.hpp"

#include <algorithm>
#include <charconv>

#include "tools/granary/run_program.hpp"
#include "tools/granary/text.hpp"

namespace tool {

namespace {

constexpr std::string_view kErased = "\x1b[K";
constexpr std::string_view kSilo = "granary: silo ";
constexpr std::string_view kStopped = " stopped: ";
constexpr std::string_view kFrame = "granary: |";
constexpr std::string_view kDead = "granary: DEAD: ";
constexpr std::string_view kDetail = "granary:   ";

/// The number at the beginning, as the kernel prints addresses.
std::optional<std::uint64_t> address_at(std::string_view text) {
  if (!text.starts_with("0x")) return {};
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), value, 16);
  if (error != std::errc{} || end == text.data() + 2) return {};
  return value;
}

/// A return address is that of the instruction behind the call, which can be the first of another line.
bool is_return_address(const std::string& label) { return label == "lr" || (label[0] == '#' && label != "#0"); }

std::string_view function_in(const std::string& place) { return std::string_view(place).substr(0, place.find(" at ")); }

}  // namespace

std::string_view console_text(std::string_view line) {
  const std::size_t erased = line.rfind(kErased);
  if (erased != std::string_view::npos) line.remove_prefix(erased + kErased.size());
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  while (!line.empty() && line.front() == '\r') line.remove_prefix(1);
  return line;
}

std::filesystem::path program_file(const std::filesystem::path& folder, const std::string& program) {
  const std::size_t slash = program.find('/');
  return slash == std::string::npos ? folder / program / (program + ".elf") : folder / (program + ".elf");
}

std::string without_place(std::string place, const std::string& here) {
  for (const std::string& folder : {here + "/", std::string("./")}) {
    const std::size_t at = place.find(" at " + folder);
    if (at != std::string::npos) place.erase(at + 4, folder.size());
  }
  return place;
}

std::string without_place_of_kernel(std::string place) {
  if (const std::size_t here = place.find(" at ./"); here != std::string::npos) place.erase(here + 4, 2);
  const std::size_t begin = place.find(" at /");
  if (begin == std::string::npos) return place;
  std::size_t last = 0;
  for (const char* layer : {"/boot/", "/hal/", "/ipc/", "/kernel/"}) {
    const std::size_t at = place.rfind(layer);
    if (at != std::string::npos) last = std::max(last, at);
  }
  if (last > begin) place.erase(begin + 4, last + 1 - (begin + 4));
  return place;
}

FindFunctions find_by_addr2line(const std::filesystem::path& folder, const std::filesystem::path& kernel,
                                const std::string& addr2line) {
  const std::string here = std::filesystem::current_path().string();
  return [folder, kernel, addr2line, here](const std::string& name, std::uint64_t address) {
    std::vector<std::string> functions;
    const auto program = name.empty() ? kernel : program_file(folder, name);
    if (!std::filesystem::exists(program)) return functions;
    const auto output = run_program({addr2line, "-f", "-C", "-i", "-p", "-e", program.string(), hexadecimal(address)});
    if (!output) return functions;
    std::string_view rest = *output;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view line = rest.substr(0, end);
      constexpr std::string_view kInlined = " (inlined by) ";
      if (line.starts_with(kInlined)) line.remove_prefix(kInlined.size());
      if (!line.empty() && !line.starts_with("??")) {
        std::string& function = functions.emplace_back(line);
        function = name.empty() ? without_place_of_kernel(function) : without_place(function, here);
        function.erase(std::min(function.find(" (discriminator "), function.size()));
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return functions;
  };
}

void Symbolizer::take(std::string_view line) {
  line = console_text(line);
  if (line.starts_with(kDetail)) {
    // The lines right behind a headline name no silo.
    const auto report = open_.find(newest_);
    if (report == open_.end()) return;
    report->second.facts.emplace_back(line.substr(kDetail.size()));
    constexpr std::string_view kAt = "at pc ";
    if (report->second.facts.back().starts_with(kAt))
      report->second.stopped_at = address_at(std::string_view(report->second.facts.back()).substr(kAt.size()));
    return;
  }
  if (line.starts_with(kFrame) || line.starts_with(kDead)) return take_death(line);
  if (const std::optional<Abort> abort = aborts_.take(line)) print(*abort);
  if (!line.starts_with(kSilo)) return;
  line.remove_prefix(kSilo.size());
  const std::size_t stopped = line.find(kStopped);
  if (stopped != std::string_view::npos && is_symbol(line.substr(0, stopped))) {
    newest_ = line.substr(0, stopped);
    open_[newest_] = Report{std::string(line.substr(stopped + kStopped.size())), newest_, {}, {}, {}};
    return;
  }
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return;
  const auto found = open_.find(std::string(line.substr(0, colon)));
  if (found == open_.end()) return;
  Report& report = found->second;
  line.remove_prefix(colon + 2);
  constexpr std::string_view kEnd = "end of the report";
  if (line.starts_with(kEnd)) {
    // Behind the colon stands why there is no more of it.
    if (line.size() > kEnd.size() + 2)
      report.facts.emplace_back("no more was printed: " + std::string(line.substr(kEnd.size() + 2)));
    print(found->first, report);
    open_.erase(found);
    return;
  }
  const std::size_t number = line.find("0x");
  const bool is_code = line.starts_with("#") || line.starts_with("lr ") ||
                       (line.starts_with("thread ") && line.find(" was at 0x") != std::string_view::npos);
  if (is_code && number != std::string_view::npos && number != 0) {
    if (const auto address = address_at(line.substr(number)))
      report.code.push_back({std::string(line.substr(0, number - 1)), *address});
    return;
  }
  if (line.starts_with("end of the calls")) {
    report.code.push_back({std::string(line), {}});
    return;
  }
  constexpr std::string_view kImage = "its image is ";
  if (line.starts_with(kImage) && is_symbol(line.substr(kImage.size())))
    report.program = found->first + "/" + std::string(line.substr(kImage.size()));
  report.facts.emplace_back(line);
}

std::vector<std::string> Symbolizer::functions_of(const std::string& program, const Code& code) const {
  const std::uint64_t address = code.address.value_or(0);
  return find_(program, address - (is_return_address(code.label) && address != 0 ? 1 : 0));
}

void Symbolizer::print_address(const std::string& label, std::uint64_t address,
                               const std::vector<std::string>& functions) {
  out_ << "  " << label << ' ' << hexadecimal(address);
  if (functions.empty()) out_ << " (not in a function of the program)";
  for (std::size_t depth = 0; depth < functions.size(); ++depth)
    out_ << (depth == 0 ? " " : ", inlined in ") << functions[depth];
  out_ << '\n';
}

/// The frame comes before the words (hal/aarch64/epitaph.cpp).
void Symbolizer::take_death(std::string_view line) {
  if (line.starts_with(kDead)) {
    out_ << "death of the kernel: " << line.substr(kDead.size()) << '\n';
    for (const Code& code : death_)
      print_address(code.label == "lr" ? "x30" : code.label, *code.address, functions_of("", code));
    out_.flush();
    death_.clear();
    return;
  }
  for (const auto& [word, label] : {std::pair{" pc ", "pc"}, std::pair{" x30 ", "lr"}}) {
    const std::size_t at = line.find(word);
    if (at == std::string_view::npos) continue;
    if (const auto address = address_at(line.substr(at + std::string_view(word).size())))
      death_.push_back({label, *address});
  }
}

void Symbolizer::print(const std::string& silo, const Report& report) {
  out_ << "crash of silo " << silo << ": " << report.headline << '\n';
  std::string innermost;  ///< the function that frame 0 is in
  unsigned frames = 0;
  // A report that was cut short, because another one came just before, has no frames; but it says where that was.
  const bool has_frames =
      std::any_of(report.code.begin(), report.code.end(), [](const Code& code) { return code.label == "#0"; });
  if (!has_frames && report.stopped_at.has_value()) {
    const Code at{"#0", *report.stopped_at};
    print_address("#" + std::to_string(frames++), *at.address, functions_of(report.program, at));
  }
  for (std::size_t i = 0; i < report.code.size(); ++i) {
    const Code& code = report.code[i];
    if (!code.address.has_value()) {
      out_ << "  " << code.label << '\n';
      continue;
    }
    const std::vector<std::string> functions = functions_of(report.program, code);
    if (code.label == "#0" && !functions.empty()) innermost = function_in(functions.back());
    if (code.label == "lr") {
      // Right only if the innermost function keeps no frame; otherwise it is left from a call that is over, or said
      // by the next frame.
      const bool is_said_again = i + 1 < report.code.size() && report.code[i + 1].address == code.address;
      if (is_said_again || functions.empty() || function_in(functions.back()) == innermost) continue;
    }
    const bool is_frame = code.label == "lr" || code.label.starts_with('#');
    print_address(is_frame ? "#" + std::to_string(frames++) : code.label, *code.address, functions);
  }
  for (const std::string& fact : report.facts) out_ << "  " << fact << '\n';
  out_.flush();
}

void Symbolizer::print(const Abort& abort) {
  out_ << "abort of silo " << abort.silo << ":\n";
  for (std::size_t i = 0; i < abort.calls.size(); ++i) {
    // All of them are return addresses, also the innermost: abort() was called.
    const std::uint64_t address = abort.calls[i];
    print_address("#" + std::to_string(i), address, find_(abort.program, address == 0 ? 0 : address - 1));
  }
  out_.flush();
}

void Symbolizer::finish() {
  for (const auto& [silo, report] : open_) print(silo, report);
  open_.clear();
}

}  // namespace tool
