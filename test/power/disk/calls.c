/*
 * The calls of libc that libuv and SQLite use for files, carried out by bare system calls so that none of them comes back
 * here. The 64 in a name is of no matter on 64-bit Linux.
 */
#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SAME_AS(name) __attribute__((alias(name)))

static int failed(int error) {
  errno = error;
  return -1;
}

static int open_calls(const char *path, int flags) {
  struct stat found;
  int is_there = syscall(SYS_newfstatat, AT_FDCWD, path, &found, 0) == 0;
  int calls = (flags & O_ACCMODE) == O_RDONLY ? CALL_OPEN : CALL_OPEN_WRITE;
  if (!is_there && (flags & O_CREAT)) calls |= CALL_CREATE | CALL_GROW;
  if (is_there && (flags & O_TRUNC)) calls |= CALL_TRUNCATE;
  return calls;
}

static int open_file(int folder, const char *path, int flags, mode_t mode) {
  char full[PATH_BYTES];
  if (!path_of(folder, path, full)) return (int)syscall(SYS_openat, folder, path, flags, mode);
  record_begin();
  int calls = open_calls(full, flags);
  struct fault fault = fault_of(calls, full);
  int fd = fault.error ? failed(fault.error) : (int)syscall(SYS_openat, folder, path, flags, mode);
  if (fd >= 0) {
    file_opened(fd, full);
    record_open(fd, full, (calls & CALL_CREATE) != 0, (calls & CALL_TRUNCATE) != 0);
  }
  record_end();
  return fd;
}

static mode_t mode_of(int flags, va_list rest) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_file(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) SAME_AS("open");

int openat(int folder, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_file(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) SAME_AS("openat");

/* `at` below 0: where the file stands. */
static ssize_t write_file(int fd, const void *bytes, size_t count, off_t at) {
  const char *path = file_path(fd);
  if (path == NULL)
    return at < 0 ? syscall(SYS_write, fd, bytes, count) : syscall(SYS_pwrite64, fd, bytes, count, at);
  record_begin();
  off_t from = at < 0 ? syscall(SYS_lseek, fd, 0, SEEK_CUR) : at;
  int is_appended = at < 0 && (syscall(SYS_fcntl, fd, F_GETFL) & O_APPEND);
  off_t size = file_size(fd);
  if (is_appended) from = size;
  int grows = from + (off_t)count > size;
  struct fault fault = fault_of(CALL_WRITE | (grows ? CALL_GROW : 0), path);
  if (fault.is_short && count > 1) count /= 2;
  ssize_t done;
  if (fault.error) done = failed(fault.error);
  else if (fault.is_swallowed) done = (ssize_t)count;
  else if (at < 0) done = syscall(SYS_write, fd, bytes, count);
  else done = syscall(SYS_pwrite64, fd, bytes, count, at);
  if (done > 0 && !fault.is_swallowed) record_write(fd, bytes, (size_t)done, from);
  record_end();
  return done;
}

ssize_t write(int fd, const void *bytes, size_t count) { return write_file(fd, bytes, count, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  return write_file(fd, bytes, count, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) SAME_AS("pwrite");

/* A beginning of what was asked is an answer, too (write(2)): the caller comes again with the rest. */
ssize_t writev(int fd, const struct iovec *pieces, int count) {
  if (file_path(fd) == NULL) return syscall(SYS_writev, fd, pieces, count);
  return write_file(fd, pieces[0].iov_base, pieces[0].iov_len, -1);
}
ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at) {
  if (file_path(fd) == NULL) return syscall(SYS_pwritev, fd, pieces, count, at, 0);
  return write_file(fd, pieces[0].iov_base, pieces[0].iov_len, at);
}
ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off_t at) SAME_AS("pwritev");

static int read_fault(int fd) {
  const char *path = file_path(fd);
  return path == NULL ? 0 : fault_of(CALL_READ, path).error;
}

ssize_t read(int fd, void *bytes, size_t count) {
  int error = read_fault(fd);
  return error ? failed(error) : syscall(SYS_read, fd, bytes, count);
}
ssize_t pread(int fd, void *bytes, size_t count, off_t at) {
  int error = read_fault(fd);
  return error ? failed(error) : syscall(SYS_pread64, fd, bytes, count, at);
}
ssize_t pread64(int fd, void *bytes, size_t count, off_t at) SAME_AS("pread");
ssize_t preadv(int fd, const struct iovec *pieces, int count, off_t at) {
  int error = read_fault(fd);
  return error ? failed(error) : syscall(SYS_preadv, fd, pieces, count, at, 0);
}
ssize_t preadv64(int fd, const struct iovec *pieces, int count, off_t at) SAME_AS("preadv");

static int sync_file(int fd, long number) {
  const char *path = file_path(fd);
  if (path == NULL) return (int)syscall(number, fd);
  record_begin();
  struct fault fault = fault_of(CALL_SYNC, path);
  int done = 0;
  if (!fault.error && !fault.is_swallowed) done = (int)syscall(number, fd);
  if (!fault.is_swallowed) record_sync(fd, path, fault.error || done != 0);
  record_end();
  return fault.error ? failed(fault.error) : done;
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }

int ftruncate(int fd, off_t size) {
  const char *path = file_path(fd);
  if (path == NULL) return (int)syscall(SYS_ftruncate, fd, size);
  record_begin();
  int grows = size > file_size(fd);
  struct fault fault = fault_of(CALL_TRUNCATE | (grows ? CALL_GROW : 0), path);
  int done = fault.error ? failed(fault.error) : (int)syscall(SYS_ftruncate, fd, size);
  if (done == 0) record_truncate(fd, size);
  record_end();
  return done;
}
int ftruncate64(int fd, off_t size) SAME_AS("ftruncate");

/* A change of names; `last` is the last argument of the system call. */
static int change_names(const char *call, int calls, const char *path, const char *other, long number,
                        long last) {
  char full[PATH_BYTES], full_other[PATH_BYTES];
  int is_ours = path_of(AT_FDCWD, path, full);
  int is_other = other != NULL && path_of(AT_FDCWD, other, full_other);
  record_begin();
  struct fault fault = {0};
  if (is_ours || is_other) fault = fault_of(calls, is_ours ? full : full_other);
  int done;
  if (fault.error) done = failed(fault.error);
  else if (other == NULL) done = (int)syscall(number, AT_FDCWD, path, last);
  else done = (int)syscall(number, AT_FDCWD, path, AT_FDCWD, other, last);
  if (done == 0 && is_ours) record_names(call, full, is_other ? full_other : NULL);
  record_end();
  return done;
}

int rename(const char *from, const char *to) {
  return change_names("rename", CALL_RENAME, from, to, SYS_renameat2, 0);
}
int unlink(const char *path) {
  return change_names("unlink", CALL_UNLINK, path, NULL, SYS_unlinkat, 0);
}
int rmdir(const char *path) {
  return change_names("rmdir", CALL_UNLINK, path, NULL, SYS_unlinkat, AT_REMOVEDIR);
}
int mkdir(const char *path, mode_t mode) {
  return change_names("mkdir", CALL_MKDIR | CALL_GROW, path, NULL, SYS_mkdirat, mode);
}
int link(const char *from, const char *to) {
  return change_names("link", CALL_CREATE, from, to, SYS_linkat, 0);
}
