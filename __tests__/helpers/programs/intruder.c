/*
 * Tries to reach what lies outside its container, and what watches it there. Prints a line for each attempt:
 * `WHAT: reached`, or `WHAT: refused (ERRNO)`.
 *
 * intruder print TEXT...                     each text on a line
 * intruder multiply NUMBER                   makes so many processes, then lives
 * intruder reach FILE VARIABLE PORT SOCKET   files, environments, the network, the engine
 * intruder trace NAME...                     looks into every process of these names, while it prints nothing itself
 * intruder signal NUMBER quiet|loud NAME...  signals every process of these names, again and again
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_US = 2000, LINE_US = 200000, MAX_NAMES = 8 };

static void tell(const char *what, bool reached)
{
	if (reached)
		printf("%s: reached\n", what);
	else
		printf("%s: refused (%s)\n", what, strerrorname_np(errno));
	fflush(stdout);
}

static void tell_of(const char *name, const char *what, bool reached)
{
	char both[80];
	snprintf(both, sizeof both, "%s %s", name, what);
	tell(both, reached);
}

/* Reads up to `size` bytes of a file; -1 where that is refused. */
static ssize_t read_file(const char *path, char *bytes, size_t size)
{
	int file = open(path, O_RDONLY);
	if (file < 0)
		return -1;
	ssize_t count = read(file, bytes, size);
	int saved = errno;
	close(file);
	errno = saved;
	return count;
}

/* The next process of the system, 0 after the last. */
static int next_process(DIR *all)
{
	for (struct dirent *entry = readdir(all); entry != NULL; entry = readdir(all))
		if (atoi(entry->d_name) > 0)
			return atoi(entry->d_name);
	return 0;
}

/* ---- reach ---- */

/* The file as any process of this system sees it. */
static bool reach_file_of_others(const char *path)
{
	DIR *all = opendir("/proc");
	bool reached = false;
	for (int pid = next_process(all); pid != 0 && !reached; pid = next_process(all)) {
		char there[512], byte;
		snprintf(there, sizeof there, "/proc/%d/root%s", pid, path);
		reached = read_file(there, &byte, 1) == 1;
	}
	closedir(all);
	return reached;
}

/* A variable in the environment of any process but this one and its own parent, the container's init. */
static bool reach_variable_of_others(const char *name)
{
	static char bytes[1 << 20];
	DIR *all = opendir("/proc");
	bool reached = false;
	errno = ENOENT;
	for (int pid = next_process(all); pid != 0 && !reached; pid = next_process(all)) {
		char path[64];
		snprintf(path, sizeof path, "/proc/%d/environ", pid);
		ssize_t count = pid == getpid() || pid == getppid() ? 0 : read_file(path, bytes, sizeof bytes);
		reached = count > 0 && memmem(bytes, (size_t)count, name, strlen(name)) != NULL;
	}
	closedir(all);
	return reached;
}

static bool reach_loopback(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int talk = socket(AF_INET, SOCK_STREAM, 0);
	char byte;
	return connect(talk, (struct sockaddr *)&address, sizeof address) == 0 && read(talk, &byte, 1) == 1;
}

/* Looks up the way to an address that nobody has (RFC 5737); no packet is sent. */
static bool reach_route(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
	inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
	int talk = socket(AF_INET, SOCK_DGRAM, 0);
	return connect(talk, (struct sockaddr *)&address, sizeof address) == 0;
}

static bool reach_engine(const char *path)
{
	static const char ping[] = "GET /_ping HTTP/1.0\r\n\r\n";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char answer[13] = "";
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	int talk = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(talk, (struct sockaddr *)&address, sizeof address) != 0)
		return false;
	return write(talk, ping, sizeof ping - 1) > 0 && read(talk, answer, 12) == 12 && strstr(answer, "200") != NULL;
}

static int reach(char **arguments)
{
	char byte;
	tell("file", read_file(arguments[0], &byte, 1) == 1);
	tell("file of others", reach_file_of_others(arguments[0]));
	errno = ENOENT;
	tell("variable", getenv(arguments[1]) != NULL);
	tell("variable of others", reach_variable_of_others(arguments[1]));
	tell("loopback", reach_loopback(atoi(arguments[2])));
	tell("route", reach_route());
	tell("engine", reach_engine(arguments[3]));
	return 0;
}

/* ---- floods ---- */

static void multiply(int wanted)
{
	int made = 0;
	for (; made < wanted; made++) {
		int child = fork();
		if (child < 0)
			break;
		if (child == 0)
			for (;;)
				pause();
	}
	tell("processes", made == wanted);
}

/* ---- those who watch ---- */

/* A process of that name; 0 where there is none. */
static int find_process(const char *name)
{
	DIR *all = opendir("/proc");
	int pid = next_process(all);
	for (; pid != 0; pid = next_process(all)) {
		char path[64], found[32] = "";
		snprintf(path, sizeof path, "/proc/%d/comm", pid);
		if (read_file(path, found, sizeof found - 1) > 0 && strncmp(found, name, strlen(name)) == 0 &&
		    found[strlen(name)] == '\n')
			break;
	}
	closedir(all);
	return pid;
}

/* A page that may be written to; somewhere, where the maps can't be read. */
static unsigned long find_page(int pid)
{
	char path[64], line[512];
	unsigned long page = 0x400000;
	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	FILE *maps = fopen(path, "r");
	while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
		if (strstr(line, " rw-p ") != NULL && sscanf(line, "%lx", &page) == 1)
			break;
	if (maps != NULL)
		fclose(maps);
	return page;
}

static bool open_in(int pid, const char *what, int how)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
	int file = open(path, how);
	if (file >= 0)
		close(file);
	return file >= 0;
}

static bool reach_memory(int pid, unsigned long page, bool write)
{
	char path[64], byte;
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	int memory = open(path, write ? O_RDWR : O_RDONLY);
	if (memory < 0)
		return false;
	bool reached = pread(memory, &byte, 1, (off_t)page) == 1 && (!write || pwrite(memory, &byte, 1, (off_t)page) == 1);
	close(memory);
	return reached;
}

static bool reach_by_call(int pid, unsigned long page, bool write)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)page, 1};
	if (process_vm_readv(pid, &here, 1, &there, 1, 0) != 1)
		return false;
	return !write || process_vm_writev(pid, &here, 1, &there, 1, 0) == 1;
}

static bool reach_by_trace(int pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0)
		return false;
	ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	waitpid(pid, NULL, __WALL);
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) == 0;
}

static void look_into(const char *name, int pid)
{
	unsigned long page = find_page(pid);
	tell_of(name, "memory read", reach_memory(pid, page, false));
	tell_of(name, "memory written", reach_memory(pid, page, true));
	tell_of(name, "process_vm_readv", reach_by_call(pid, page, false));
	tell_of(name, "process_vm_writev", reach_by_call(pid, page, true));
	tell_of(name, "environment", open_in(pid, "environ", O_RDONLY));
	tell_of(name, "files", open_in(pid, "root/etc", O_RDONLY | O_DIRECTORY));
	tell_of(name, "output", open_in(pid, "fd/1", O_WRONLY | O_NONBLOCK));
	tell_of(name, "ptrace", reach_by_trace(pid));
}

/* Two of them, since a debugger stops the one that it looks at. */
static _Noreturn void trace(char **names)
{
	for (int twin = 0; twin < 2; twin++) {
		if (fork() != 0)
			continue;
		for (char **name = names; *name != NULL; name++) {
			int pid = 0;
			while ((pid = find_process(*name)) == 0)
				usleep(LOOK_US);
			look_into(*name, pid);
		}
		pause();
	}
	for (;;)
		pause();
}

/* As a thread looks from outside that waits for itself in a handler. */
static void *stand(void *unused)
{
	static int word = 2;
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
	return unused;
}

static _Noreturn void send_signals(int number, char **names)
{
	int last[MAX_NAMES] = {0};
	for (;; usleep(LOOK_US))
		for (int at = 0; at < MAX_NAMES && names[at] != NULL; at++) {
			int pid = find_process(names[at]);
			if (pid == 0 || pid == last[at])
				continue;
			last[at] = pid;
			tell(names[at], kill(pid, number) == 0);
		}
}

static _Noreturn void live(bool loud)
{
	pthread_t thread;
	pthread_create(&thread, NULL, stand, NULL);
	for (; loud; usleep(LINE_US)) {
		puts("well");
		fflush(stdout);
	}
	for (;;)
		pause();
}

int main(int count, char **arguments)
{
	if (count > 2 && strcmp(arguments[1], "print") == 0)
		for (int at = 2; at < count; at++)
			puts(arguments[at]);
	if (count == 3 && strcmp(arguments[1], "multiply") == 0) {
		multiply(atoi(arguments[2]));
		live(true);
	}
	if (count == 6 && strcmp(arguments[1], "reach") == 0)
		return reach(arguments + 2);
	if (count > 2 && strcmp(arguments[1], "trace") == 0)
		trace(arguments + 2);
	if (count > 4 && strcmp(arguments[1], "signal") == 0) {
		if (fork() == 0)
			send_signals(atoi(arguments[2]), arguments + 4);
		live(strcmp(arguments[3], "loud") == 0);
	}
	return 0;
}
