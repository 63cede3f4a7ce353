/* Says workflow commands on both streams, bears them as its names, then stands still. */
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

static void *stand(void *unused) __asm__("\"::set-env name=SYMBOL::owned\"");

#line 1 "##[add-path]/owned.c"
static void *stand(void *unused)
{
	prctl(PR_SET_NAME, "::add-mask::a");
	pause();
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	pthread_create(&thread, NULL, stand, NULL);
	for (int i = 1; i < argc; i++) {
		fputs(argv[i], stdout);
		fputs(argv[i], stderr);
	}
	fflush(stdout);
	pthread_join(thread, NULL);
	return 0;
}
