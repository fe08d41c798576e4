#define _GNU_SOURCE
#include "disk.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int record = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("DISK_RECORD");
  if (path == NULL) return;
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  record = (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0644);
}

static void put(const char *bytes, size_t count) {
  while (count > 0) {
    long done = syscall(SYS_write, record, bytes, count);
    if (done <= 0) abort();
    bytes += done;
    count -= (size_t)done;
  }
}

static void put_line(const char *format, const char *call, unsigned long long inode, long long first,
                     long long second, const char *path) {
  char line[PATH_BYTES * 3];
  int length = snprintf(line, sizeof line, format, call, inode, first, second, path);
  put(line, (size_t)length);
}

void record_begin(void) {
  if (record >= 0) pthread_mutex_lock(&lock);
}

void record_end(void) {
  if (record >= 0) pthread_mutex_unlock(&lock);
}

void record_open(int fd, const char *path, int created, int truncated) {
  if (record < 0) return;
  put_line("%s %llu %lld %lld %s\n", "open", file_inode(fd), created, truncated, below_root(path));
}

void record_write(int fd, const void *bytes, size_t count, off_t at) {
  if (record < 0) return;
  put_line("%s %llu %lld %lld %s\n", "write", file_inode(fd), at, (long long)count, "");
  put(bytes, count);
  put("\n", 1);
}

void record_truncate(int fd, off_t size) {
  if (record < 0) return;
  put_line("%s %llu %lld %lld %s\n", "truncate", file_inode(fd), size, 0, "");
}

void record_sync(int fd, const char *path, int error) {
  if (record < 0) return;
  put_line("%s %llu %lld %lld %s\n", error ? "lose" : "sync", file_inode(fd), 0, 0, below_root(path));
}

/* Names may hold spaces: they end with a line each. */
void record_names(const char *call, const char *path, const char *other) {
  if (record < 0) return;
  put_line("%s %llu %lld %lld %s\n", call, 0, 0, 0, below_root(path));
  const char *second = other == NULL ? NULL : below_root(other);
  put(second == NULL ? "" : second, second == NULL ? 0 : strlen(second));
  put("\n", 1);
}
