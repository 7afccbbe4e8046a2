// SPDX-License-Identifier: Apache-2.0
//
// A shell for whoever operates the system: what runs, what it waits for, who may what, and an end to a silo. It has no
// right that its manifest does not give it (`operator = true`), and no UART: keys and text go through the console's
// silo (screen.hpp).
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include <algorithm>

#include "handles.hpp"
#include "line_editor.hpp"
#include "screen.hpp"
#include "shell_lives.hpp"
#include "shell_words.hpp"

using namespace granary;
using namespace std::chrono_literals;
using namespace drivers;

namespace {

constexpr Screen screen{handles::screen};
constexpr std::string_view kPrompt = "granary> ";
constexpr std::size_t kColumns = 78;
constexpr std::size_t kSilosKnown = 64;  ///< that top compares with its last look, and completion offers
constexpr std::size_t kLinksKept = 512;

LineEditor editor;
KeyDecoder decoder;
AsyncChannel keys;
bool shows_top = false;

struct Known {
  char name[abi::kObservedNameBytes];
  std::uint64_t messages;
  std::uint64_t cpu_time;
  std::uint32_t core;  ///< below abi::kCoresMaximum
};
Known known[kSilosKnown];
std::size_t known_count = 0;

[[gnu::format(printf, 1, 2)]] void say(const char* format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  screen.write({text, std::min<std::size_t>(static_cast<std::size_t>(std::max(length, 0)), sizeof text - 1)});
}

void draw() {
  if (shows_top) return screen.show("", 0);
  const LineEditor::View view = editor.view(kColumns - kPrompt.size());
  char line[kColumns + 1];
  const std::size_t length = kPrompt.copy(line, kPrompt.size());
  view.text.copy(line + length, view.text.size());
  screen.show({line, length + view.text.size()}, length + view.cursor);
}

void learn_silos() {
  known_count = 0;
  handles::system
      .each_silo([](const abi::SiloRecord& silo) {
        if (known_count == kSilosKnown) return;
        Known& one = known[known_count++];
        std::copy(std::begin(silo.name), std::end(silo.name), one.name);
        one.messages = silo.sent + silo.received;
        one.cpu_time = silo.cpu_time;
        one.core = silo.core % abi::kCoresMaximum;
      })
      .ignore();
}

const char* name_of(std::uint32_t silo) { return silo < known_count ? known[silo].name : "?"; }

/// The number of the silo of that name, or nothing, with a sentence.
bool find_silo(std::string_view name, std::uint32_t& number) {
  bool found = false;
  if (name.empty()) {
    say("which silo? `silos` lists them\n");
    return false;
  }
  handles::system
      .each_silo([&](const abi::SiloRecord& silo) {
        if (name == silo.name) {
          number = silo.silo;
          found = true;
        }
      })
      .ignore();
  if (!found) say("there is no silo `%.*s`; `silos` lists them\n", static_cast<int>(name.size()), name.data());
  return found;
}

std::uint64_t milliseconds(std::uint64_t ticks) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::from_ticks(ticks).time_since_epoch()).count());
}

// Records lie in this thread's message page, and say() does not use it: it sends by registers.

void list_silos(const Words&) {
  say("%-18s %-8s %4s %7s %6s %9s %9s %7s %8s  %s\n", "silo", "state", "core", "threads", "pages", "sent", "received",
      "refused", "cpu ms", "why");
  handles::system
      .each_silo([](const abi::SiloRecord& silo) {
        char why[48] = "";
        const auto state = static_cast<abi::SiloState>(silo.state);
        if (state == abi::SiloState::Exited) snprintf(why, sizeof why, "status %" PRIu64, silo.why);
        if (state == abi::SiloState::Faulted)
          snprintf(why, sizeof why, "%s at %#" PRIx64, fault_in_words(static_cast<abi::FaultKind>(silo.why)),
                   silo.fault_address);
        if (state == abi::SiloState::Killed)
          snprintf(why, sizeof why, "by %s", name_of(static_cast<std::uint32_t>(silo.why)));
        say("%-18s %-8s %4u %7u %6" PRIu64 " %9" PRIu64 " %9" PRIu64 " %7" PRIu64 " %8" PRIu64 "  %s\n", silo.name,
            state_in_words(state), unsigned{silo.core}, unsigned{silo.live_threads}, silo.pages, silo.sent,
            silo.received, silo.refused, milliseconds(silo.cpu_time), why);
      })
      .ignore();
}

void list_threads(const Words&) {
  learn_silos();
  say("%-28s %-8s %4s %4s %4s %8s  %s\n", "silo/thread", "state", "prio", "runs", "core", "cpu ms", "waits for");
  handles::system
      .each_thread([](const abi::ObservedThread& thread) {
        char name[72];
        snprintf(name, sizeof name, "%s/%s", name_of(thread.silo), thread.name);
        const auto wait = static_cast<abi::ThreadWait>(thread.wait);
        const auto type = static_cast<abi::ObjectType>(thread.object_type);
        const bool has_object = type != abi::ObjectType::None && wait != abi::ThreadWait::Reply;
        const char* const object = wait == abi::ThreadWait::Reply ? name_of(thread.server_silo)
                                   : has_object                   ? thread.object
                                                                  : "";
        say("%-28s %-8s %4u %4u %4u %8" PRIu64 "  %s%s%s %s\n", name,
            state_in_words(static_cast<abi::ThreadState>(thread.state)), unsigned{thread.priority},
            unsigned{thread.effective_priority}, unsigned{thread.core}, milliseconds(thread.cpu_time),
            wait_in_words(wait), has_object ? " " : "", has_object ? type_in_words(type) : "",
            has_object && object[0] == '\0' ? "(made by a silo)" : object);
      })
      .ignore();
}

void list_capabilities(const Words& words) {
  std::uint32_t silo = 0;
  if (!find_silo(words[1], silo)) return;
  say("%4s %-12s %-20s %18s  %s\n", "slot", "type", "object", "badge", "rights");
  handles::system
      .each_capability(silo,
                       [](const abi::CapabilityRecord& capability) {
                         say("%4u %-12s %-20s %18" PRIu64 "  %s\n", unsigned{capability.slot},
                             type_in_words(static_cast<abi::ObjectType>(capability.type)),
                             capability.object[0] == '\0' ? "-" : capability.object, capability.badge,
                             RightsText(capability.rights).text);
                       })
      .ignore();
}

struct Link {
  std::uint64_t identity;
  std::uint64_t rights;
  std::uint32_t silo;
  std::uint16_t type;
  char object[abi::kObservedNameBytes];
};
Link links[kLinksKept];

/// Objects that two capabilities or more name, and who holds them.
void list_links(const Words&) {
  learn_silos();
  std::size_t count = 0;
  bool all = true;
  for (std::uint32_t silo = 0; silo < known_count; ++silo) {
    handles::system
        .each_capability(silo,
                         [&](const abi::CapabilityRecord& capability) {
                           if (count == kLinksKept) {
                             all = false;
                             return;
                           }
                           Link& link = links[count++];
                           link = {capability.identity, capability.rights, silo, capability.type, {}};
                           std::copy(std::begin(capability.object), std::end(capability.object), link.object);
                         })
        .ignore();
  }
  std::sort(links, links + count, [](const Link& one, const Link& other) { return one.identity < other.identity; });
  for (std::size_t first = 0, next = 0; first < count; first = next) {
    while (next < count && links[next].identity == links[first].identity) ++next;
    const auto type = static_cast<abi::ObjectType>(links[first].type);
    if (type == abi::ObjectType::Console) continue;  // nearly everybody
    say("%s %s\n", type_in_words(type), links[first].object[0] == '\0' ? "-" : links[first].object);
    for (std::size_t i = first; i < next; ++i)
      say("  %-20s %s\n", name_of(links[i].silo), RightsText(links[i].rights).text);
  }
  if (!all) say("(only the first %zu capabilities)\n", kLinksKept);
}

void stop(const Words& words) {
  std::uint32_t silo = 0;
  if (find_silo(words[1], silo)) stop_silo(handles::system, silo, name_of(silo), say);
}

void start(const Words& words) {
  std::uint32_t silo = 0;
  if (find_silo(words[1], silo)) start_silo(handles::system, silo, name_of(silo), words[0] == "restart", say);
}

void replace(const Words& words) {
  std::uint32_t silo = 0;
  if (!find_silo(words[1], silo)) return;
  replace_silo(handles::system, silo, name_of(silo), words[2], Images(kNamedImages, silo), say);
}

void show_trace(const Words& words) {
  if (words[1] == "on") {
    handles::trace.turn_on().value();
    return say("tracing is on; `trace` shows what was recorded, `trace off` ends it\n");
  }
  if (words[1] == "off") {
    handles::trace.turn_off().value();
    return say("tracing is off\n");
  }
  unsigned shown = 0;
  for (; shown < 40;) {
    const Result<TracePair> pair = handles::trace.read();
    if (!pair) break;
    for (std::uint64_t i = 0; i < pair->count; ++i, ++shown) say("%s\n", trace_text(pair->record[i]).text);
  }
  say("%u records; `trace on` begins, `trace off` ends\n", shown);
}

/// All silos, those first that have done most since the last look.
void draw_top() {
  static Known before[kSilosKnown];
  std::copy(std::begin(known), std::end(known), before);
  learn_silos();
  struct Row {
    std::size_t silo;
    std::uint64_t messages, cpu_time;
  };
  Row rows[kSilosKnown];
  for (std::size_t i = 0; i < known_count; ++i)
    rows[i] = {i, known[i].messages - before[i].messages, known[i].cpu_time - before[i].cpu_time};
  std::sort(rows, rows + known_count, [](const Row& one, const Row& other) {
    return one.cpu_time != other.cpu_time ? one.cpu_time > other.cpu_time : one.messages > other.messages;
  });
  say("\x1b[H\x1b[J");
  say("top: %zu silos, each second; a key ends it\n", known_count);
  // A core has as many milliseconds in a second as it was not idle or in the kernel for nobody.
  std::uint64_t of_core[abi::kCoresMaximum] = {};
  std::uint32_t cores = 0;
  for (std::size_t i = 0; i < known_count; ++i) {
    of_core[known[rows[i].silo].core] += rows[i].cpu_time;
    cores |= 1u << known[rows[i].silo].core;
  }
  say("cpu ms/s of cores:");
  for (std::uint32_t core = 0; core < abi::kCoresMaximum; ++core) {
    if ((cores >> core & 1) != 0) say("  %" PRIu32 ": %" PRIu64, core, milliseconds(of_core[core]));
  }
  say("\n%-20s %4s %10s %12s\n", "silo", "core", "cpu ms/s", "messages/s");
  for (std::size_t i = 0; i < std::min<std::size_t>(known_count, 20); ++i)
    say("%-20s %4" PRIu32 " %10" PRIu64 " %12" PRIu64 "\n", known[rows[i].silo].name, known[rows[i].silo].core,
        milliseconds(rows[i].cpu_time), rows[i].messages);
}

void begin_top(const Words&) {
  learn_silos();
  shows_top = true;
  say("\x1b[H\x1b[J");
  say("top: looking for a second\n");
}

void echo(const Words& words) {
  for (std::size_t i = 1; i < words.count; ++i)
    say("%s%.*s", i == 1 ? "" : " ", static_cast<int>(std::min<std::size_t>(words[i].size(), 200)), words[i].data());
  say("\n");
}

void help(const Words&);

struct Command {
  std::string_view name;
  const char* argument;
  const char* what;
  void (*run)(const Words&);
  bool takes_silo;
};
constexpr Command kCommands[] = {
    {"help", "", "this list", help, false},
    {"silos", "", "all silos: state, memory, messages", list_silos, false},
    {"threads", "", "all threads and what they wait for", list_threads, false},
    {"caps", "SILO", "what a silo may", list_capabilities, true},
    {"links", "", "objects and who may what with them", list_links, false},
    {"top", "", "who is busy, each second", begin_top, false},
    {"trace", "on|off", "what happens in the kernel", show_trace, false},
    {"kill", "SILO", "stop a silo for good", stop, true},
    {"start", "SILO", "start one that has stopped", start, true},
    {"replace", "SILO [IMAGE]", "restart it with another of its images", replace, true},
    {"restart", "SILO", "stop it if it runs, and start it", start, true},
    {"echo", "WORDS", "says them", echo, false},
};

void help(const Words&) {
  for (const Command& command : kCommands)
    say("  %-8s %-12s %s\n", command.name.data(), command.argument, command.what);
  say("  Tab completes, arrows and ctrl-a e k u w edit, up and down go through what was typed, ctrl-t passes the "
      "keyboard on\n");
}

void run(std::string_view line) {
  const Words words(line);
  if (words.count == 0) return;
  if (editor.dropped() != 0) return say("the line is too long: %zu characters at most\n", LineEditor::kLongest);
  const auto command = std::find_if(std::begin(kCommands), std::end(kCommands),
                                    [&](const Command& one) { return one.name == words[0]; });
  if (command == std::end(kCommands))
    return say("there is no command `%.*s`; try `help`\n", static_cast<int>(std::min<std::size_t>(words[0].size(), 80)),
               words[0].data());
  command->run(words);
}

void complete() {
  const std::string_view prefix = editor.word();
  const auto each = [&](auto offer) {
    if (editor.is_first_word()) {
      for (const Command& command : kCommands) offer(command.name);
      return;
    }
    const Words words(editor.line());
    const bool takes_silo = std::any_of(std::begin(kCommands), std::end(kCommands), [&](const Command& command) {
      return command.takes_silo && command.name == words[0];
    });
    for (std::size_t i = 0; takes_silo && i < known_count; ++i) offer(std::string_view(known[i].name));
  };
  learn_silos();
  Completion completion(prefix);
  each([&](std::string_view candidate) { completion.offer(candidate); });
  if (completion.rest().empty() && completion.count() > 1) {
    each([&](std::string_view candidate) {
      if (candidate.starts_with(prefix)) say("%.*s  ", static_cast<int>(candidate.size()), candidate.data());
    });
    say("\n");
  }
  editor.insert(completion.rest());
  if (completion.count() == 1) editor.insert(" ");
}

void press(char byte) {
  const Key key = decoder.feed(byte);
  if (key.kind == KeyKind::None) return;
  if (shows_top) {
    shows_top = false;
    return;
  }
  switch (editor.press(key)) {
    case LineEditor::Outcome::Entered: {
      const LineEditor::View view = editor.view(kColumns - kPrompt.size());
      say("%s%.*s\n", kPrompt.data(), static_cast<int>(view.text.size()), view.text.data());
      run(editor.line());
      editor.begin(true);
      return;
    }
    case LineEditor::Outcome::Complete: return complete();
    case LineEditor::Outcome::Nothing:
    case LineEditor::Outcome::Changed:
    case LineEditor::Outcome::Refused: return;
  }
}

}  // namespace

int main() {
  keys = AsyncChannel::create(16).value();
  screen.open(keys).value();
  learn_silos();
  say("This is the shell of Granary. Type `help`.\n");
  draw();
  for (;;) {
    const Result<Delivery> typed = keys.receive(shows_top ? Deadline(1s) : Deadline(forever));
    if (typed) {
      const auto bytes = typed->message.as<Bytes>();
      const std::size_t count = std::min<std::size_t>(typed->message.opcode, kBytesPerMessage);
      for (std::size_t i = 0; i < count; ++i) press(bytes.byte[i]);
    } else if (typed.error() == kTimedOut) {
      draw_top();
    } else {
      return 1;  // nobody can send keys any more
    }
    draw();
  }
}
