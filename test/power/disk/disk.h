/*
 * A disk that fails as it is told and writes down what it was asked. Loaded with LD_PRELOAD, it stands between a process
 * and those files of it that are below $DISK_ROOT. (ld.so(8); test/power/README.md)
 */
#ifndef LOCKSTEP_DISK_H
#define LOCKSTEP_DISK_H

#include <stddef.h>
#include <sys/types.h>

#define PATH_BYTES 1024

/* What a call does to the disk. One call may do several of these. */
enum call {
  CALL_OPEN = 1 << 0,
  CALL_OPEN_WRITE = 1 << 1,
  CALL_CREATE = 1 << 2,
  CALL_READ = 1 << 3,
  CALL_WRITE = 1 << 4,
  /* Needs room that the file does not have yet. */
  CALL_GROW = 1 << 5,
  CALL_TRUNCATE = 1 << 6,
  CALL_SYNC = 1 << 7,
  CALL_RENAME = 1 << 8,
  CALL_UNLINK = 1 << 9,
  CALL_MKDIR = 1 << 10,
};

/* files.c: which file a descriptor is. */

/* Writes the absolute path, and says whether it is below the root. */
int path_of(int folder, const char *path, char out[PATH_BYTES]);
void file_opened(int fd, const char *path);
/* The path that it was opened by, or NULL when it is none of ours. */
const char *file_path(int fd);
unsigned long long file_inode(int fd);
off_t file_size(int fd);
const char *below_root(const char *path);

/* faults.c: what goes wrong. */

struct fault {
  /* The call fails with this; 0: it does not. */
  int error;
  /* Half is written, and the call says so. */
  int is_short;
  /* Nothing is done, and the call says that it was. */
  int is_swallowed;
};

struct fault fault_of(int calls, const char *path);

/* record.c: what was done, in order. */

/* Between these two no other call of this process is carried out: the order written down is the order of the disk. */
void record_begin(void);
void record_end(void);
void record_open(int fd, const char *path, int created, int truncated);
void record_write(int fd, const void *bytes, size_t count, off_t at);
void record_truncate(int fd, off_t size);
/* With an error nothing became durable, and what was written since the last sync never will: the kernel lets it go. */
void record_sync(int fd, const char *path, int error);
void record_names(const char *call, const char *path, const char *other);

#endif
