/* Many threads: each sleeps a little, again and again; arguments: how many, milliseconds between lines. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *work(void *unused)
{
	for (;;)
		usleep(200 * 1000);
	return unused;
}

int main(int argc, char **argv)
{
	int wanted = argc > 1 ? atoi(argv[1]) : 1;
	int pause_ms = argc > 2 ? atoi(argv[2]) : 500;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 * 1024);
	for (int made = 0; made < wanted; made++) {
		pthread_t thread;
		if (pthread_create(&thread, &attributes, work, NULL) != 0) {
			printf("only %d threads\n", made);
			return 1;
		}
	}
	for (;;) {
		printf("%d threads\n", wanted);
		fflush(stdout);
		usleep(pause_ms * 1000);
	}
}
