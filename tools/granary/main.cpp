// SPDX-License-Identifier: Apache-2.0
//
// granary: the command line. Each command reads and checks the manifest, then makes one thing of it. Exit status 0, or
// 1 after "file:line: error: ..." with a remedy; a bad command line is CLI11's business.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>
#include <iomanip>
#include <iostream>

#include "tools/granary/capabilities.hpp"
#include "tools/granary/crash_commands.hpp"
#include "tools/granary/generate.hpp"
#include "tools/granary/image.hpp"
#include "tools/granary/layout.hpp"
#include "tools/granary/manifest.hpp"
#include "tools/granary/text.hpp"

namespace {

struct Options {
  std::string manifest, silo, output, folder, board;
};

/// The manifest, checked; or the end of the program, with every mistake printed.
tool::Manifest load(const std::string& file, tool::Diagnostics& diagnostics) {
  tool::Manifest manifest = tool::read_manifest(file, diagnostics);
  if (!diagnostics.failed()) tool::check_manifest(manifest, diagnostics);
  return manifest;
}

void write_file(const std::string& name, const char* bytes, std::size_t count, tool::Diagnostics& diagnostics) {
  std::ofstream out(name, std::ios::binary | std::ios::trunc);
  out.write(bytes, static_cast<std::streamsize>(count));
  out.close();
  if (!out) {
    std::remove(name.c_str());
    diagnostics.error({name, 0}, "this file cannot be written", "make its folder first, or give another path");
  }
}

/// To the file, or to standard output for "" and "-".
void write_text(const std::string& name, const std::string& text, tool::Diagnostics& diagnostics) {
  if (name.empty() || name == "-") {
    std::cout << text;
  } else {
    write_file(name, text.data(), text.size(), diagnostics);
  }
}

void header(const Options& options, const tool::Manifest& manifest, tool::Diagnostics& diagnostics) {
  const tool::Silo* silo = manifest.find_silo(options.silo);
  if (silo == nullptr)
    return diagnostics.error({options.manifest, 0}, "there is no silo `" + options.silo + "`",
                             "the silos are " + tool::list(manifest.silo_names()));
  const bool is_c = options.output.ends_with(".h");
  write_text(options.output, is_c ? c_header(manifest, *silo) : cpp_header(manifest, *silo), diagnostics);
}

void print_table(const tool::Manifest& manifest, const std::vector<tool::Layout>& layouts, std::uint64_t image_bytes) {
  std::uint64_t total = 0;
  std::cout << std::left << std::setw(24) << "silo" << std::right << std::setw(10) << "memory" << std::setw(9)
            << "threads" << std::setw(14) << "capabilities" << '\n';
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    total += layouts[i].memory_bytes();
    std::cout << std::left << std::setw(24) << manifest.silos[i].name << std::right << std::setw(10)
              << tool::size_text(layouts[i].memory_bytes()) << std::setw(9) << layouts[i].threads.size()
              << std::setw(14) << capabilities_of(manifest, manifest.silos[i]).size() << '\n';
  }
  std::cout << std::left << std::setw(24) << "total" << std::right << std::setw(10) << tool::size_text(total)
            << "    system image " << tool::size_text(image_bytes) << '\n';
}

void build(const Options& options, const tool::Manifest& manifest, tool::Diagnostics& diagnostics) {
  std::vector<tool::Layout> layouts;
  for (const tool::Silo& silo : manifest.silos) {
    const auto elf_file = std::filesystem::path(options.folder) / silo.name / (silo.name + ".elf");
    tool::Diagnostics own;  // so that one bad program does not hide the defects of the next
    const tool::ElfFile elf = tool::read_elf(elf_file, own);
    if (!own.failed()) {
      layouts.push_back(lay_out(silo, elf, {elf_file.string(), 0}, own));
    }
    diagnostics.append(own);
  }
  if (diagnostics.failed()) return;
  const std::vector<std::uint8_t> image = make_image(manifest, layouts);
  check_image_size(image.size(), options.board, {options.manifest, 0}, diagnostics);
  if (diagnostics.failed()) return;
  const std::string bytes(image.begin(), image.end());
  write_file(options.output, bytes.data(), bytes.size(), diagnostics);
  if (!diagnostics.failed()) print_table(manifest, layouts, image.size());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"granary: checks a system's manifest and builds its system image"};
  app.require_subcommand(1);
  Options options;
  const auto command = [&](const char* name, const char* text) {
    CLI::App* sub = app.add_subcommand(name, text);
    sub->add_option("SYSTEM", options.manifest, "the manifest, a .toml file")->required();
    return sub;
  };
  CLI::App* check = command("check", "says whether the manifest is sound");
  CLI::App* headers = command("header", "writes the handles of one silo as a header for C++ (.hpp) or C (.h)");
  headers->add_option("--silo", options.silo, "name of the silo")->required();
  headers->add_option("-o,--output", options.output, "file; standard output if not given");
  CLI::App* rules = command("makefile", "writes system.mk, the make rules that build the system");
  rules->add_option("-o,--output", options.folder, "folder for everything that is built")->required();
  CLI::App* image = command("build", "makes the system image of programs that are built");
  image->add_option("--elf-dir", options.folder, "folder with SILO/SILO.elf for each silo")->required();
  image->add_option("-o,--output", options.output, "the system image")->required();
  image->add_option("--board", options.board, "also check what this board can load")
      ->check(CLI::IsMember({"virt", "raspi4b"}));
  CLI::App* picture = command("graph", "prints who may reach whom, for Graphviz");
  picture->add_option("-o,--output", options.output, "file; standard output if not given");
  const tool::CrashCommands crash(app);
  CLI11_PARSE(app, argc, argv);
  if (crash.parsed()) return crash.run();

  tool::Diagnostics diagnostics;
  const tool::Manifest manifest = load(options.manifest, diagnostics);
  if (!diagnostics.failed()) {
    if (check->parsed() || rules->parsed()) warn_about(manifest, diagnostics);
    if (check->parsed()) {
      std::cout << options.manifest << ": sound: " << manifest.silos.size() << " silos, " << manifest.ports.size()
                << " ports, " << manifest.channels.size() << " channels\n";
    } else if (headers->parsed()) {
      header(options, manifest, diagnostics);
    } else if (rules->parsed()) {
      std::error_code ignored;  // writing tells
      std::filesystem::create_directories(options.folder, ignored);
      write_text(options.folder + "/system.mk", makefile(manifest, options.folder, argv[0]), diagnostics);
    } else if (image->parsed()) {
      build(options, manifest, diagnostics);
    } else if (picture->parsed()) {
      write_text(options.output, graph(manifest), diagnostics);
    }
  }
  diagnostics.print(std::cerr);
  return diagnostics.failed() ? 1 : 0;
}
