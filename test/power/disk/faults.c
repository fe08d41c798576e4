#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RULES_MAX 64
#define CONTROL_BYTES 16384
#define HITS_MAX 1000

struct word {
  const char *name;
  int value;
};

static const struct word ERRORS[] = {{"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EROFS", EROFS},
                                     {"EIO", EIO},       {"EACCES", EACCES}, {"EMFILE", EMFILE},
                                     {NULL, 0}};

static const struct word CALLS[] = {
    {"open", CALL_OPEN | CALL_OPEN_WRITE},
    {"create", CALL_CREATE},
    {"read", CALL_READ},
    {"write", CALL_WRITE},
    {"grow", CALL_GROW},
    {"truncate", CALL_TRUNCATE},
    {"sync", CALL_SYNC},
    {"rename", CALL_RENAME},
    {"unlink", CALL_UNLINK},
    {"mkdir", CALL_MKDIR},
    {"change", CALL_OPEN_WRITE | CALL_CREATE | CALL_WRITE | CALL_GROW | CALL_TRUNCATE | CALL_RENAME |
                   CALL_UNLINK | CALL_MKDIR},
    {"all", ~0},
    {NULL, 0}};

struct rule {
  char what[16];
  struct fault fault;
  int calls;
  char pattern[PATH_BYTES];
  long skip;
  long times;
  long slow_ms;
  int kills;
};

static struct rule rules[RULES_MAX];
static int rule_count;
static const char *control;
static struct stat read_of;
static int hits;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  control = getenv("DISK_FAULTS");
}

static int value_of(const struct word *words, const char *name) {
  for (; words->name != NULL; words += 1)
    if (strcmp(words->name, name) == 0) return words->value;
  return 0;
}

/* A rule that cannot be read must not be taken for a sound disk. */
static void refuse(const char *line) {
  dprintf(2, "disk: no such rule: %s\n", line);
  abort();
}

static void parse(char *line) {
  struct rule rule = {.times = -1};
  char copy[PATH_BYTES * 2], calls[256], *rest;
  if (*line == '\0' || *line == '#') return;
  snprintf(copy, sizeof copy, "%s", line);
  int used = 0;
  if (sscanf(line, "%15s %255s %1023s%n", rule.what, calls, rule.pattern, &used) < 3) refuse(copy);
  for (char *word = strtok_r(calls, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
    int found = value_of(CALLS, word);
    if (found == 0) refuse(copy);
    rule.calls |= found;
  }
  for (char *word = strtok_r(line + used, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    if (sscanf(word, "skip=%ld", &rule.skip) == 1) continue;
    if (sscanf(word, "times=%ld", &rule.times) == 1) continue;
    refuse(copy);
  }
  rule.fault.error = value_of(ERRORS, rule.what);
  rule.fault.is_short = strcmp(rule.what, "SHORT") == 0;
  rule.fault.is_swallowed = strcmp(rule.what, "SWALLOW") == 0;
  rule.kills = strcmp(rule.what, "KILL") == 0;
  int is_slow = sscanf(rule.what, "SLOW=%ld", &rule.slow_ms) == 1;
  int is_fault = rule.fault.error || rule.fault.is_short || rule.fault.is_swallowed;
  if (!is_fault && !rule.kills && !is_slow) refuse(copy);
  if (rule_count == RULES_MAX) refuse("too many");
  rules[rule_count++] = rule;
}

/* Looked at before every call: what is said now holds from now on. */
static void look(void) {
  struct stat now;
  if (syscall(SYS_newfstatat, AT_FDCWD, control, &now, 0) != 0) {
    rule_count = 0;
    read_of.st_ino = 0;
    return;
  }
  if (now.st_ino == read_of.st_ino && now.st_mtim.tv_sec == read_of.st_mtim.tv_sec &&
      now.st_mtim.tv_nsec == read_of.st_mtim.tv_nsec && now.st_size == read_of.st_size)
    return;
  static char text[CONTROL_BYTES];
  long fd = syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return;
  long length = syscall(SYS_read, fd, text, CONTROL_BYTES - 1);
  syscall(SYS_close, fd);
  read_of = now;
  rule_count = 0;
  text[length < 0 ? 0 : length] = '\0';
  char *rest;
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) parse(line);
}

static void note(const struct rule *rule, const char *path) {
  if (hits++ >= HITS_MAX) return;
  char name[PATH_BYTES + 8];
  snprintf(name, sizeof name, "%s.hits", control);
  long fd = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return;
  dprintf((int)fd, "%d %s %s\n", (int)getpid(), rule->what, path);
  syscall(SYS_close, fd);
}

struct fault fault_of(int calls, const char *path) {
  static const struct fault NONE;
  if (control == NULL) return NONE;
  struct fault fault = NONE;
  long slow_ms = 0;
  pthread_mutex_lock(&lock);
  look();
  for (int at = 0; at < rule_count; at += 1) {
    struct rule *rule = &rules[at];
    if ((rule->calls & calls) == 0 || fnmatch(rule->pattern, path, 0) != 0) continue;
    if (rule->skip > 0) rule->skip -= 1;
    else if (rule->times != 0) {
      if (rule->times > 0) rule->times -= 1;
      note(rule, path);
      if (rule->kills) kill(getpid(), SIGKILL);
      slow_ms += rule->slow_ms;
      fault = rule->fault;
      if (rule->slow_ms == 0) break;
    }
  }
  pthread_mutex_unlock(&lock);
  struct timespec pause = {slow_ms / 1000, slow_ms % 1000 * 1000000};
  if (slow_ms > 0) nanosleep(&pause, NULL);
  return fault;
}
