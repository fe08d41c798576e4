#define _GNU_SOURCE
#include "disk.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILES_MAX 4096

/* libuv closes by a bare system call: a number may have become another file's, so the inode is kept beside it. */
struct file {
  dev_t device;
  ino_t inode;
  char *path;
};

static struct file files[FILES_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_BYTES];

/* Standard output may be a file on the disk, too. */
__attribute__((constructor)) static void begin(void) {
  const char *wanted = getenv("DISK_ROOT");
  if (wanted == NULL || realpath(wanted, root) == NULL) return;
  for (int fd = 0; fd < 3; fd += 1) {
    char link[32], path[PATH_BYTES] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_BYTES - 1);
    if (length > 0 && below_root(path) != NULL) file_opened(fd, path);
  }
}

const char *below_root(const char *path) {
  size_t length = strlen(root);
  if (length == 0 || strncmp(path, root, length) != 0) return NULL;
  if (path[length] == '\0') return ".";
  return path[length] == '/' ? path + length + 1 : NULL;
}

/* The folder is resolved, its last name is not: it may not be there yet. */
int path_of(int folder, const char *path, char out[PATH_BYTES]) {
  if (root[0] == '\0' || path == NULL || (folder != AT_FDCWD && path[0] != '/')) return 0;
  char folder_path[PATH_BYTES], resolved[PATH_MAX];
  if (snprintf(folder_path, PATH_BYTES, "%s", path) >= PATH_BYTES) return 0;
  char *slash = strrchr(folder_path, '/');
  const char *name = slash == NULL ? path : path + (slash - folder_path) + 1;
  if (slash == NULL) strcpy(folder_path, ".");
  else if (slash == folder_path) slash[1] = '\0';
  else *slash = '\0';
  if (*name == '\0' || strcmp(name, ".") == 0) return realpath(path, resolved) != NULL &&
      snprintf(out, PATH_BYTES, "%s", resolved) < PATH_BYTES && below_root(out) != NULL;
  if (realpath(folder_path, resolved) == NULL) return 0;
  return snprintf(out, PATH_BYTES, "%s/%s", resolved, name) < PATH_BYTES && below_root(out) != NULL;
}

static int identity(int fd, struct stat *found) {
  return syscall(SYS_fstat, fd, found) == 0;
}

void file_opened(int fd, const char *path) {
  struct stat found;
  if (fd < 0 || fd >= FILES_MAX || !identity(fd, &found)) return;
  pthread_mutex_lock(&lock);
  files[fd].device = found.st_dev;
  files[fd].inode = found.st_ino;
  /* The old path is left to leak: another thread may be reading it. */
  files[fd].path = strdup(path);
  pthread_mutex_unlock(&lock);
}

const char *file_path(int fd) {
  if (fd < 0 || fd >= FILES_MAX || files[fd].path == NULL) return NULL;
  struct stat found;
  pthread_mutex_lock(&lock);
  int is_same = identity(fd, &found) && found.st_dev == files[fd].device &&
                found.st_ino == files[fd].inode;
  if (!is_same) files[fd].path = NULL;
  const char *path = files[fd].path;
  pthread_mutex_unlock(&lock);
  return path;
}

unsigned long long file_inode(int fd) {
  struct stat found;
  return identity(fd, &found) ? (unsigned long long)found.st_ino : 0;
}

off_t file_size(int fd) {
  struct stat found;
  return identity(fd, &found) ? found.st_size : 0;
}
